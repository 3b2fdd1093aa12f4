// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/numbers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;

namespace {

judge::NumberVerdict number_verdict(const std::vector<float>& targets, const std::vector<float>& answers,
                                    const std::vector<std::string>& names,
                                    const std::vector<std::uint32_t>& groups = {}) {
    return judge::verdict(judge::Numbers{names.size(), targets, answers, groups}, names, {"ann", "bob"});
}

} // namespace

TEST_CASE("the verdict on four numbers, word by word") {
    // Errors 1, 0, -2, 1 and squared deviations 4, 1, 0, 9, by hand.
    const judge::NumberVerdict verdict = number_verdict({1, 2, 3, 6}, {2, 2, 1, 7}, {"seconds"});
    CHECK(verdict_text(verdict) ==
          "number    RMSE  95 % interval  MAE  95 % interval      R2  95 % interval  deviation\n"
          "seconds  1.225           none    1           none  0.5714           none      1.871\n"
          "RMSE       root mean squared error, in the unit of the number\n"
          "MAE        mean absolute error, in the same unit\n"
          "R2         share of the variance that the answers explain; 1 is best\n"
          "deviation  standard deviation of the true numbers\n"
          "error (RMSE in standard deviations; 1 is the best constant) 0.6547, 95 % none\n"
          "intervals: none: only 4 samples, at least 5 are needed\n");
    CHECK(rmse_words(verdict) == "RMSE 1.225");
    json::Value document = json::object({});
    add_verdict(document, verdict);
    const json::Reader in(document, "verdict");
    CHECK(in.at("rmse").as<double>() == doctest::Approx(std::sqrt(1.5)));
    CHECK(in.at("mae").as<double>() == 1);
    CHECK(in.at("r2").as<double>() == doctest::Approx(8.0 / 14));
    CHECK(in.at("numbers").at(0).at("name").as<std::string>() == "seconds");
    CHECK(document.find("error_interval")->is_null());
    CHECK(document.find("accuracy") == nullptr);
}

TEST_CASE("several numbers have a line each, and no score of all in one unit") {
    const judge::NumberVerdict verdict =
        number_verdict({1, 10, 2, 20, 3, 30, 4, 40, 5, 50}, {1, 11, 2, 19, 3, 31, 4, 39, 6, 50}, {"a", "b"});
    const std::string text = verdict_text(verdict);
    CHECK(text.find("\na ") != std::string::npos);
    CHECK(text.find("\nb ") != std::string::npos);
    CHECK(text.find("bootstrap over 5 samples") != std::string::npos);
    CHECK(rmse_words(verdict) == "RMSE 0.4472 (a), 0.8944 (b)");
    json::Value document = json::object({});
    add_verdict(document, verdict);
    CHECK(document.find("rmse")->is_null());
    CHECK(document.find("numbers")->array()->size() == 2);
    CHECK(document.find("error_interval")->array()->size() == 2);
}

TEST_CASE("groups are listed with the worst and the best") {
    const std::string text = verdict_text(number_verdict({1, 2, 3, 4}, {1, 2, 4, 4}, {"y"}, {0, 0, 1, 1}));
    CHECK(text.find("intervals: none: only 2 groups, at least 5 are needed\n") != std::string::npos);
    CHECK(text.find("worst group bob, error 0.6325; best ann, 0\n") != std::string::npos);
}
