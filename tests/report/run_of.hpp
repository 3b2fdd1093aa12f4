// SPDX-License-Identifier: Apache-2.0
// Small logs of runs for tests of pages and of their parts.
#pragma once
#include <algorithm>
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

/// The texts of a page that do not begin with a capital letter, and those of paragraphs, lists and meanings that do not
/// end as a sentence does. What begins with one of these names, which are not words of the page, is right.
inline std::vector<std::string> unfit_texts(const std::string& page, const std::vector<std::string>& names = {}) {
    std::vector<std::string> unfit;
    for (const std::string tag : {"p", "li", "dd", "dt", "caption", "figcaption", "summary", "legend", "label",
                                  "option", "h2", "h3", "th", "text", "a"})
        for (std::size_t at = page.find("<" + tag); at != page.npos; at = page.find("<" + tag, at + 1)) {
            if (page[at + tag.size() + 1] != '>' && page[at + tag.size() + 1] != ' ') continue;
            const std::size_t begin = page.find('>', at) + 1;
            std::string words = page.substr(begin, page.find("</" + tag + ">", begin) - begin);
            const bool is_link = words.starts_with("<a ");
            for (std::size_t open = words.find('<'); open != words.npos; open = words.find('<'))
                words.erase(open, words.find('>', open) + 1 - open);
            if (words.empty() || page.substr(at, begin - at).find("scope=\"row\"") != page.npos) continue;
            const bool named = std::any_of(names.begin(), names.end(),
                                           [&](const std::string& name) { return words.starts_with(name); });
            const bool sentences = !is_link && (tag == "p" || tag == "li" || tag == "dd");
            const bool ends = std::string_view(".:!?").find(words.back()) != std::string_view::npos;
            if ((words[0] >= 'a' && words[0] <= 'z' && !named) || (sentences && !ends)) unfit.push_back(words);
        }
    return unfit;
}

} // namespace testing
