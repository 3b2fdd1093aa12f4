// SPDX-License-Identifier: Apache-2.0
// The options of search, and the head and goal of a run that they ask for.
#pragma once
#include <string>
#include <vector>

#include "arguments.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::cli {

std::vector<Option> search_options();

/// The head of a new run, before its data are read. Throws UsageError for options that do not fit together.
search::RunHead new_head(const Arguments& arguments);

/// True if an option sets a limit.
bool gives_limits(const Arguments& arguments);

/// `goal` with --budget, --trials and --jobs. Throws UsageError.
search::Goal goal_of(const Arguments& arguments, search::Goal goal);

/// The limits for these data. A program without the Arduino core keeps a row of the sample beside the network, so the
/// limit of RAM is lowered by that row.
search::Limits with_program(search::Limits limits, const data::Dataset& set, const cost::Target& target);

/// A resumed run keeps its settings: throws UsageError if an option asks for something else. Limits depend on the data
/// and are checked apart.
void check_same(const Arguments& arguments, const search::RunHead& head, const std::string& folder);
void check_limits(const Arguments& arguments, const search::RunHead& head, const data::Dataset& set,
                  const std::string& folder);

} // namespace tinysparse::cli
