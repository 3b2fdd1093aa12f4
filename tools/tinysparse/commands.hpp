// SPDX-License-Identifier: Apache-2.0
// The subcommands, each in a file of its own name.
#pragma once
#include <vector>

#include "arguments.hpp"

namespace tinysparse::cli {

Command search_command();
Command front_command();
Command report_command();
Command repair_command();
Command show_command();
Command train_command();
Command eval_command();
Command export_command();
Command simulate_command();
Command device_command();
Command data_command();
Command bench_command();

/// All of them in the order of the help page, and `completion`, which needs their table.
const std::vector<Command>& all_commands();

} // namespace tinysparse::cli
