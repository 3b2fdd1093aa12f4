// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/scores.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;

TEST_CASE("a model tells its accuracies and where they come from") {
    Model model;
    CHECK(accuracy_words(model) == "not measured");
    model.validation_accuracy = 0.9887;
    CHECK(accuracy_words(model) == "validation 98.87 %");
    model.float_accuracy = 0.989;
    model.test_accuracy = 0.988;
    CHECK(accuracy_words(model) == "validation 98.87 % (in float 98.90 %), test 98.80 %");
}

TEST_CASE("a model that folds have judged tells the share of their held-out answers that are right") {
    Model model;
    CHECK_FALSE(held_out_accuracy(model));
    model.held_out = {
        {1, 2, 0, 5, 4, 3, 2, 2, 1, 0, 0, 7}, {1, 0, 1, 2}, {}}; // the third has a tie: class 0 is answered
    CHECK(held_out_accuracy(model) == 0.75);
    CHECK(accuracy_words(model) == "75.00 % by the folds");
    model.validation_accuracy = 0.5;
    model.test_accuracy = 0.6;
    CHECK(accuracy_words(model) == "50.00 % on its own fold, test 60.00 %");
    model.held_out.logits.pop_back();
    CHECK_THROWS_WITH_AS(accuracy_words(model), "11 held-out logits of 4 samples", Error);
    model.quantities.resize(1); // answers numbers: no accuracy
    CHECK_FALSE(held_out_accuracy(model));
}
