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
    const Columns columns = plan("", {"Timestamp", "time_ms", "timer", "a", "label"});
    CHECK(columns.times == std::vector<std::size_t>{0, 1});
    CHECK(columns.channels == std::vector<std::size_t>{2, 3});
    CHECK(plan(",columns=time", {"time", "a", "label"}).channels == std::vector<std::size_t>{0});
}

TEST_CASE("a first row is a header if it names a label, has two words, or a word over a number") {
    const CsvFormat format;
    CHECK(data::detail::is_header({"1", "label"}, {"2", "a"}, format));
    CHECK(data::detail::is_header({"a", "b"}, {}, format));
    CHECK(data::detail::is_header({"temperature"}, {"21.5"}, format));
    CHECK_FALSE(data::detail::is_header({"1.5", "walk"}, {"1.6", "walk"}, format));
    CHECK_FALSE(data::detail::is_header({"1.5", "NA"}, {"1.6", "2"}, format));
}

TEST_CASE("steps tell time and index from channels") {
    StepTracker time, index, noise, clock;
    for (int recording = 0; recording < 3; ++recording) {
        for (StepTracker* tracker : {&time, &index, &noise, &clock}) tracker->begin_recording();
        for (int row = 0; row < 20; ++row) {
            time.add(1.7e12 + 16.0 * row + row % 2);
            index.add(20 * recording + row);
            noise.add(row % 7);
            clock.add(0.02 * row);
        }
    }
    CHECK(*time.step() == doctest::Approx(16).epsilon(0.07));
    CHECK(index.counts());
    CHECK_FALSE(time.counts());
    CHECK_FALSE(noise.step());
    CHECK(rate_of(*clock.step(), 0)->hertz == doctest::Approx(50));
    CHECK(rate_of(16, 0)->hertz == doctest::Approx(62.5));
    CHECK(rate_of(20000, 0)->hertz == doctest::Approx(50));
    CHECK(rate_of(2, 1)->hertz == doctest::Approx(0.5));
    CHECK_FALSE(rate_of(1, 0)); // a mere count says nothing of time
    StepTracker few;
    for (int row = 0; row < 5; ++row) few.add(row);
    CHECK_FALSE(few.step());
}
