// SPDX-License-Identifier: Apache-2.0
// The folder, data and board that a run began with. Relative paths in its head are those of the folder where it began.
#pragma once
#include <optional>
#include <string>

#include "arguments.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/search/head.hpp"

namespace tinysparse::cli {

/// Reads the board of a run, if it is described by a file; cost::target() keeps it.
void read_target(const search::RunHead& head);

/// The data of a run. Throws Error if they cannot be read.
data::Dataset data_of(const search::RunHead& head);
/// The request for the data of a run, with a path that holds in any folder.
data::Request request_of(const search::RunHead& head);

/// The target of the run if MODEL is RUN#ID, nothing for a model file. Throws Error if there is no such run.
std::optional<std::string> board_of_run(const std::string& model);

/// A sentence if several builds of the program worked on the run of RUN#ID; nothing for a model file. Throws Error if
/// there is no such run.
std::optional<std::string> mixed_builds_of_run(const std::string& model);

/// The board for MODEL: that of --target; else that of its run, which is said; else uno, as for a run without a board.
const cost::Target& board_for(const Arguments& arguments, const std::string& model);

} // namespace tinysparse::cli
