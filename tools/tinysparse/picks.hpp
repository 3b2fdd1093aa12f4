// SPDX-License-Identifier: Apache-2.0
// One model of a run by the words of a command line: RUN#17, RUN#best@8KB, RUN#smallest@98%; and the models of a run
// where a command got the run alone.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/fixed/model.hpp"
#include "tinysparse/report/front.hpp"

namespace tinysparse::cli {

/// The rule that words such as best, best@8KB, smallest@98.5%, fastest@98% or smallest@rmse=0.3 name. `where`: what
/// stands before them in the sentence of the UsageError that anything else throws, such as "--pick ".
report::Pick parse_pick(std::string_view where, const std::string& word);

/// True if the word is the name of a folder, which a run is.
bool names_folder(const std::string& word);

/// The point that a rule picks from the front of a run. `where`: what the Error begins with that is thrown if there is
/// none.
report::FrontPoint picked_point(const std::vector<report::FrontPoint>& points, const search::RunLog& log,
                                const report::Pick& rule, const std::string& where);

/// What to say of points whose models cannot be read; nothing if all are there and whole.
std::optional<std::string> without_models(const std::string& folder, const std::vector<report::FrontPoint>& points);

/// The model that RUN#ID or RUN#RULE names; of a rule it says which trial it found. Throws UsageError for words that
/// are neither, and Error if there is no such model.
fixed::Model model_in_run(const std::string& word);

/// The trial whose model RUN#ID or RUN#RULE names; nothing for a model file. Throws as model_in_run() does, and says
/// nothing.
std::optional<search::Record> record_of(const std::string& word);

/// What to type for a model of a run: throws Error that names the models of its front, or why there are none.
[[noreturn]] void refuse_folder(const std::string& folder);

/// report::front_json() with a member "limits": what the run allows of each measure, by name.
json::Value front_document(const std::string& folder, const search::RunLog& log,
                           const std::vector<report::FrontPoint>& points);

/// Prints the front of a run, or with `as_json` its JSON, and says how to go on with one of its models.
void list_models(const std::string& folder, bool as_json);

} // namespace tinysparse::cli
