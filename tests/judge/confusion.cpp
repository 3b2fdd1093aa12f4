// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/confusion.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::judge;

namespace {
/// Truths down, answers across.
ConfusionMatrix matrix_of(const std::vector<std::vector<std::size_t>>& rows) {
    ConfusionMatrix matrix(rows.size());
    for (std::size_t truth = 0; truth < rows.size(); ++truth)
        for (std::size_t answer = 0; answer < rows.size(); ++answer) matrix.add(truth, answer, rows[truth][answer]);
    return matrix;
}
} // namespace

TEST_CASE("precision, recall and F1 of each class, and their means") {
    // The figures of a worked example: recall 5/8, 3/4, 2/2; precision 5/6, 3/6, 2/2.
    const ConfusionMatrix matrix = matrix_of({{5, 3, 0}, {1, 3, 0}, {0, 0, 2}});
    CHECK(matrix.samples() == 14);
    CHECK(matrix.right() == 10);
    CHECK(accuracy(matrix) == doctest::Approx(10.0 / 14));
    CHECK(*recall(matrix, 0) == doctest::Approx(0.625));
    CHECK(*precision(matrix, 1) == doctest::Approx(0.5));
    CHECK(*f1(matrix, 0) == doctest::Approx(2 * 0.625 * (5.0 / 6) / (0.625 + 5.0 / 6)));
    CHECK(balanced_accuracy(matrix) == doctest::Approx((0.625 + 0.75 + 1) / 3));
    CHECK(macro_f1(matrix) == doctest::Approx((5 / 7.0 + 0.6 + 1) / 3));
}

TEST_CASE("a class without samples is left out of the means, one without answers counts as 0") {
    const ConfusionMatrix matrix = matrix_of({{4, 0, 1}, {2, 0, 0}, {0, 0, 0}});
    CHECK_FALSE(recall(matrix, 2));
    CHECK_FALSE(f1(matrix, 2));
    CHECK_FALSE(precision(matrix, 1));
    CHECK(*f1(matrix, 1) == 0);
    CHECK(balanced_accuracy(matrix) == doctest::Approx((0.8 + 0) / 2));
}

TEST_CASE("the error of the best constant answer, by kind") {
    const std::vector<std::size_t> counts = {99, 1};
    CHECK(trivial_error(counts, ErrorKind::plain) == doctest::Approx(0.01));
    CHECK(trivial_error(counts, ErrorKind::balanced) == doctest::Approx(0.5)); // 1 - 1/K
    CHECK(trivial_error(counts, ErrorKind::macro_f1) == doctest::Approx(1 - (2 * 0.99 / 1.99) / 2));
    CHECK(trivial_error(std::vector<std::size_t>{10, 10, 10, 0}, ErrorKind::balanced) == doctest::Approx(2.0 / 3));
}

TEST_CASE("the smallest error is half of what one wrong answer costs at least") {
    const std::vector<std::size_t> counts = {30, 10};
    CHECK(smallest_error(counts, ErrorKind::plain) == doctest::Approx(0.5 / 40));
    CHECK(smallest_error(counts, ErrorKind::balanced) == doctest::Approx(0.5 / (2 * 30)));
    // A sample of the larger class answered wrong: F1 58/59 and 20/21. One of the smaller: 60/61 and 18/19.
    CHECK(smallest_error(counts, ErrorKind::macro_f1) ==
          doctest::Approx(0.5 * std::min((1 / 59.0 + 1 / 21.0) / 2, (1 / 61.0 + 1 / 19.0) / 2)));
    // Every wrong answer that there can be, tried out.
    for (const std::vector<std::size_t>& parts :
         {std::vector<std::size_t>{5, 9, 2}, {1, 1, 1}, {7, 0, 7}, {3, 3, 8, 1}, {1, 200}})
        for (const ErrorInfo& kind : std::span(error_kinds).first<3>()) {
            double least = 1;
            for (std::size_t truth = 0; truth < parts.size(); ++truth)
                for (std::size_t answer = 0; answer < parts.size(); ++answer) {
                    if (truth == answer || parts[truth] == 0) continue;
                    ConfusionMatrix matrix(parts.size());
                    for (std::size_t c = 0; c < parts.size(); ++c) matrix.add(c, c, parts[c] - (c == truth));
                    matrix.add(truth, answer);
                    least = std::min(least, error(matrix, kind.kind));
                }
            CHECK(smallest_error(parts, kind.kind) == doctest::Approx(least / 2));
        }
}
