// SPDX-License-Identifier: Apache-2.0
// Measures in words for readers who do not know their names in options: how a page calls them, what they mean, and
// their values. docs/measures.md has the definitions.
#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include "tinysparse/report/html.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/measures.hpp"

namespace tinysparse::report::detail {

/// A measure within a sentence, and its meaning.
struct MeasureWords {
    std::string_view name, meaning;
};

inline MeasureWords words_of(search::Measure measure) {
    using search::Measure;
    const search::Column& column = search::info(measure).column;
    switch (measure) {
    case Measure::error:
        return {"error", "error on the samples by which the search chooses"};
    case Measure::working_memory_1:
        return {"working memory 1", "bytes of the largest input and weights of a layer"};
    case Measure::working_memory_2:
        return {"working memory 2", "bytes of the largest input and output of a layer"};
    case Measure::cycles:
        return {"cycles", column.meaning};
    case Measure::milliseconds:
        return {"time", column.meaning};
    case Measure::paper_model_size:
        return {"model size as papers count it", "one byte for each nonzero weight, as Fedorov et al. 2019 count"};
    case Measure::paper_working_memory:
        return {
            "working memory as papers count it",
            "bytes of the largest input and weights, or input and output, of a layer, as Fedorov et al. 2019 count"};
    default:
        return {column.page, column.meaning};
    }
}

/// "1 024 B", "0.25" or "50 000": a value of a measure, in bytes if that is its unit.
inline std::string value_words(search::Measure measure, double value) {
    const std::string number = value < 100 && value != std::floor(value) ? number_cell(value) : count_cell(value);
    return text(number, search::info(measure).unit == "bytes" ? " B" : "");
}

/// "121 B stored", "6 646 B of flash", "170 nonzero weights" or "8.6 ms".
inline std::string amount_words(search::Measure measure, double value) {
    const std::string number = value_words(measure, value);
    if (measure == search::Measure::weight_bytes) return number + " stored";
    if (measure == search::Measure::milliseconds) return number + " ms";
    return text(number, search::info(measure).unit == "bytes" ? " of " : " ", words_of(measure).name);
}

/// The heading of a column of tables: "Nonzero weights", "Time, ms".
inline std::string measure_title(search::Measure measure) {
    return text(capitalised(words_of(measure).name), measure == search::Measure::milliseconds ? ", ms" : "");
}

/// The title of an axis, which has the unit, too: "Flash, bytes".
inline std::string axis_title(search::Measure measure) {
    const std::string title = measure_title(measure);
    const bool bytes = search::info(measure).unit == "bytes" && title.find("bytes") == title.npos;
    return text(title, bytes ? ", bytes" : "");
}

} // namespace tinysparse::report::detail
