// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/verdict.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;

namespace {

/// A verdict from a matrix, truths down, with groups of as many samples as `groups` says one after the other.
judge::Verdict verdict_of(const std::vector<std::vector<std::size_t>>& rows, const std::vector<std::string>& names,
                          const std::vector<std::size_t>& groups = {},
                          const std::vector<std::string>& group_names = {}) {
    std::vector<std::uint8_t> truths, answers;
    for (std::size_t truth = 0; truth < rows.size(); ++truth)
        for (std::size_t answer = 0; answer < rows.size(); ++answer) {
            truths.insert(truths.end(), rows[truth][answer], std::uint8_t(truth));
            answers.insert(answers.end(), rows[truth][answer], std::uint8_t(answer));
        }
    std::vector<std::uint32_t> numbers;
    for (std::size_t g = 0; g < groups.size(); ++g) numbers.insert(numbers.end(), groups[g], std::uint32_t(g));
    return judge::verdict({rows.size(), truths, answers, numbers}, names, group_names);
}

} // namespace

TEST_CASE("the verdict of a few independent samples, word by word") {
    // Every number but the bootstrap's by hand: F1 of b is 2 * 2 / (3 + 3), Wilson's interval of 6 of 8 is published.
    CHECK(verdict_text(verdict_of({{4, 1, 0}, {0, 2, 1}, {0, 0, 0}}, {"a", "b", "c"})) ==
          "                       %    95 % interval\n"
          "accuracy           75.00   40.93 to 92.85\n"
          "balanced accuracy  73.33  35.71 to 100.00\n"
          "macro F1           77.78  41.67 to 100.00\n"
          "largest class, a   62.50\n"
          "intervals: accuracy by Wilson, others by bootstrap over 8 samples\n"
          "balanced accuracy  mean recall of the classes\n"
          "macro F1           mean F1 of the classes\n"
          "largest class      score of always giving this answer\n"
          "Wilson, bootstrap  ways to find intervals, see docs/judging.md\n"
          "\n"
          "class  samples  recall %  precision %   F1 %       95 % of F1\n"
          "a            5     80.00       100.00  88.89  57.14 to 100.00\n"
          "b            3     66.67        66.67  66.67                -\n"
          "c            0         -         0.00      -                -\n"
          "no samples of c: left out of the means\n"
          "recall %     share of the samples of the class that are classified correctly\n"
          "precision %  share of the answers with this class that are right\n"
          "F1 %         harmonic mean of recall and precision\n"
          "95 % of F1   interval in which F1 lies with 95 % confidence\n"
          "\n"
          "truth \\ answer  a  b  c\n"
          "a               4  1  0\n"
          "b               0  2  1\n"
          "c               0  0  0\n");
}

TEST_CASE("groups are named, and few have no interval") {
    const std::string words = verdict_text(verdict_of({{3, 1}, {1, 5}}, {"a", "b"}, {4, 4, 2}, {"ann", "bob", "cid"}));
    CHECK(words.find("accuracy           80.00           none\n") != std::string::npos);
    CHECK(words.find("intervals: none: only 3 groups, at least 5 are needed\n") != std::string::npos);
    CHECK(words.find("worst group ann, 75.00 %; best cid, 100.00 %\n"
                     "group  samples  accuracy %\n"
                     "ann          4       75.00\n"
                     "bob          4       75.00\n"
                     "cid          2      100.00\n") != std::string::npos);
}

TEST_CASE("long names leave the heads of the matrix to numbers, many classes leave the frequent confusions") {
    const auto classes = [](std::size_t count) {
        std::vector<std::vector<std::size_t>> rows(count, std::vector<std::size_t>(count, 1));
        rows[1][0] = 7;
        std::vector<std::string> names;
        for (std::size_t c = 0; c < count; ++c) names.push_back(text("a long name ", c));
        return verdict_text(verdict_of(rows, names));
    };
    CHECK(classes(12).find("\n    truth \\ answer  1  2  3  4  5  6  7  8  9  10  11  12\n"
                           " 1  a long name 0   1  1  1") != std::string::npos);
    CHECK(classes(12).find("frequent") == std::string::npos);
    CHECK(classes(13).find("truth \\ answer") == std::string::npos);
    CHECK(classes(13).find("the 10 most frequent of 156 confusions\n"
                           "truth          answer         samples\n"
                           "a long name 1  a long name 0        7\n"
                           "a long name 0  a long name 1        1\n") != std::string::npos);
}

TEST_CASE("of many groups the worst and the best are listed") {
    std::vector<std::size_t> groups(30, 2);
    const std::string words = verdict_text(verdict_of({{50, 10}, {0, 0}}, {"a", "b"}, groups));
    CHECK(words.find("intervals: bootstrap over 30 groups\n") != std::string::npos);
    CHECK(words.find("worst group 25, 0.00 %; best 0, 100.00 %\n"
                     "the five worst and the five best of 30 groups\n") != std::string::npos);
    CHECK(words.find("\n29           2        0.00\n") != std::string::npos);
    CHECK(words.find("\n10 ") == std::string::npos);
}

TEST_CASE("JSON has every figure, null where there is none") {
    json::Value document = json::object({{"samples", 8}});
    add_verdict(document, verdict_of({{4, 1, 0}, {0, 2, 1}, {0, 0, 0}}, {"a", "b", "c"}));
    CHECK(document.at("samples").as<int>() == 8);
    CHECK(document.at("accuracy_interval").as<std::vector<double>>().at(0) == doctest::Approx(0.4093).epsilon(1e-3));
    CHECK(document.at("balanced_accuracy").as<double>() == doctest::Approx((0.8 + 2 / 3.0) / 2));
    CHECK(document.at("balanced_accuracy_interval").as<std::vector<double>>().size() == 2);
    CHECK(document.at("macro_f1").as<double>() == doctest::Approx((8 / 9.0 + 2 / 3.0) / 2));
    CHECK(document.at("largest_class").as<std::string>() == "a");
    CHECK(document.at("largest_class_share").as<double>() == 0.625);
    CHECK(document.at("confusion").as<std::vector<std::vector<int>>>() ==
          std::vector<std::vector<int>>{{4, 1, 0}, {0, 2, 1}, {0, 0, 0}});
    const json::Reader absent = document.at("classes").at(2);
    CHECK(absent.at("name").as<std::string>() == "c");
    CHECK(absent.at("answers").as<int>() == 1);
    CHECK(absent.at("precision").as<double>() == 0);
    for (const char* key : {"recall", "f1", "f1_interval"}) CHECK(absent.at(key).value().is_null());
    CHECK(document.find("groups")->array()->empty());
    CHECK(document.find("worst_group")->is_null());

    json::Value grouped_document = json::object();
    add_verdict(grouped_document, verdict_of({{3, 1}, {1, 5}}, {"a", "b"}, {5, 5}, {"ann", "bob"}));
    CHECK(grouped_document.find("accuracy_interval")->is_null());
    CHECK(grouped_document.at("interval_method").as<std::string>() == "none: only 2 groups, at least 5 are needed");
    CHECK(grouped_document.at("groups").at(1).at("accuracy").as<double>() == 1);
    CHECK(grouped_document.at("worst_group").as<std::string>() == "ann");
    CHECK(json::parse(json::write(grouped_document), "verdict") == grouped_document);
}
