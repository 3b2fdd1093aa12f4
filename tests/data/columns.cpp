// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/columns.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
Columns plan(const std::string& keys, const std::vector<std::string>& names, bool needs_label = true) {
    const Request request = parse_spec("t.csv" + keys);
    return plan_columns(request, names, true, needs_label, "t.csv");
}
} // namespace

TEST_CASE("the label is found by rank of its name; y only beside neither x nor z") {
    CHECK(plan("", {"x", "y", "z", "label"}).label == 3u);
    CHECK(plan("", {"activity", "target", "a"}).label == 1u);
    CHECK(plan("", {"a", "Species"}).label == 1u);
    CHECK(plan("", {"a", "b", "y"}).label == 2u);
    CHECK(plan(",label=z", {"x", "y", "z"}).label == 2u);
    CHECK(plan(",label=2", {"x", "y", "z"}).label == 1u); // columns count from 1
    CHECK(plan(",label=last", {"x", "y", "z"}).label == 2u);
    CHECK(error_of([] {
              plan("", {"x", "y"});
          }) ==
          "t.csv: line 1: there is no label column; give label=NAME, label=first or label=last; the columns are x y");
    CHECK(error_of([] {
              plan(",label=0", {"x", "y"});
          })
              .find("label=0: no column has this name or number (they "
                    "count from 1)") != std::string::npos);
}

TEST_CASE("channels are what is left, or what columns= says, in its order") {
    CHECK(plan(",skip=id+b", {"id", "a", "b", "c", "label"}).channels == std::vector<std::size_t>{1, 3});
    CHECK(plan(",columns=c+a", {"id", "a", "b", "c", "label"}).channels == std::vector<std::size_t>{3, 1});
    CHECK(plan(",group=user", {"user", "a", "label"}).group == 0u);
    CHECK(plan(",group=user", {"user", "a", "label"}).channels == std::vector<std::size_t>{1});
    CHECK(plan(",skip=label", {"a", "label"}, false).channels ==
          std::vector<std::size_t>{0}); // the class is the folder's
    CHECK(error_of([] { plan(",skip=ac", {"acc", "label"}); }).find("did you mean acc?") != std::string::npos);
    CHECK(error_of([] {
              plan(",skip=a", {"a", "label"});
          }).find("no column is left to be a channel") != std::string::npos);
}

TEST_CASE("a column called time or timestamp is none, unless columns= names it") {
    const Columns columns = plan("", {"Timestamp", "time_ms", "time [min]", "timer", "t_ms", "a", "label"});
    CHECK(columns.times == std::vector<std::size_t>{0, 1, 2});
    CHECK(columns.channels == std::vector<std::size_t>{3, 4, 5});
    CHECK(plan(",columns=a", {"t_ms", "t", "a", "label"}).times == std::vector<std::size_t>{0}); // it tells the rate
    CHECK(plan(",columns=time", {"time", "a", "label"}).channels == std::vector<std::size_t>{0});
}

TEST_CASE("a first row is a header if it names a label, has two words, or a word over a number") {
    const CsvFormat format;
    CHECK(data::detail::is_header({"1", "label"}, {"2", "a"}, format));
    CHECK(data::detail::is_header({"a", "b"}, {}, format));
    CHECK(data::detail::is_header({"temperature"}, {"21.5"}, format));
    CHECK_FALSE(data::detail::is_header({"1.5", "walk"}, {"1.6", "walk"}, format));
    CHECK_FALSE(data::detail::is_header({"1.5", "NA"}, {"1.6", "2"}, format));
    CHECK_FALSE(data::detail::is_header({"1.5", "-inf", "inf"}, {"1.6", "2", "3"}, format));
}
