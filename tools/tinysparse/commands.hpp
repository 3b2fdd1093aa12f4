// SPDX-License-Identifier: Apache-2.0
// The subcommands. Each has a source file of its name.
#pragma once
#include <string>
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
Command classify_command();
Command export_command();
Command simulate_command();
Command device_command();
Command data_command();
Command bench_command();
Command version_command();

/// The output of `version` and --version.
std::string version_text();

/// All of them in the order of the help page, with `completion` and `man`, which need their table.
const std::vector<Command>& all_commands();

} // namespace tinysparse::cli
