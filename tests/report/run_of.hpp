// SPDX-License-Identifier: Apache-2.0
// Small logs of runs for tests of pages and of their parts.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/search/run.hpp"

namespace testing {

/// A run whose trials have these errors and model sizes, one a second, with a limit of 1000 on the size.
inline tinysparse::search::RunLog run_of(const std::vector<std::pair<double, double>>& errors_and_sizes) {
    using tinysparse::search::Measure;
    tinysparse::search::RunLog log;
    log.head.space = {{1, 28, 28}, 10};
    log.head.objectives = {Measure::error, Measure::model_size};
    log.head.limits = {{Measure::model_size, 1000}};
    log.head.trivial_error = 0.9;
    log.head.data = "a<b>&\"c\"";
    for (const auto& [error, size] : errors_and_sizes) {
        tinysparse::search::Record record;
        record.trial.number = log.records.size();
        record.trial.key = tinysparse::text(record.trial.number);
        record.trial.genome.front.width = int(record.trial.number) + 1;
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.measures[Measure::nonzeros] = size / 2;
        record.feasible = true;
        record.elapsed = double(log.records.size());
        log.records.push_back(record);
        log.elapsed = record.elapsed;
    }
    return log;
}

inline std::size_t count(const std::string& in, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++found;
    return found;
}

/// The faults of a text of HTML: tags that are not closed, or not in order, outside scripts and style sheets. Tags that
/// need no closing end in "/>" or begin with "!".
inline std::string tag_faults(const std::string& page) {
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        if (end == page.npos) return "a tag without its end";
        const std::string tag = page.substr(at + 1, end - at - 1);
        const std::size_t begin = tag[0] == '/' ? 1 : 0;
        const std::string name = tag.substr(begin, tag.find_first_of(" /", 1) - begin);
        if (tag[0] == '!' || tag.back() == '/') continue;
        if (tag[0] != '/') {
            open.push_back(name);
            if (name == "script" || name == "style") at = page.find("</" + name + ">", at) - 1;
            continue;
        }
        if (open.empty() || open.back() != tag.substr(1)) return tinysparse::text("</", name, "> closes nothing");
        open.pop_back();
    }
    return open.empty() ? "" : tinysparse::text("<", open.back(), "> is not closed");
}

} // namespace testing
