// SPDX-License-Identifier: Apache-2.0
// What every operation of the library must show in check_gradient(): each derivative agrees within its tolerance, and
// the tolerances are narrow enough to mean something.
#pragma once
#include "tinysparse/autograd/check_gradient.hpp"
#include <doctest/doctest.h>

namespace tinysparse::autograd::test {

/// Every derivative within its tolerance, and the tolerances narrow enough to show an error of 1 % of the largest.
inline void check_gradients(const GradientCheck& check) {
    double kinks = 0;
    for (const Derivative& one : check.derivatives) {
        CAPTURE(one.tensor);
        CAPTURE(one.place);
        CAPTURE(one.analytic);
        CAPTURE(one.numeric);
        CAPTURE(one.tolerance());
        CHECK(one.agrees());
        CHECK(one.smooth_tolerance() <= 1e-2 * one.largest);
        kinks += one.kinks / one.largest;
    }
    CHECK(kinks <= 5e-3 * double(check.derivatives.size()));
}
template <class Record> void check_gradients(const Shape& in, Record record, const GradientCheckOptions& options = {}) {
    check_gradients(check_gradient(in, record, options));
}

} // namespace tinysparse::autograd::test
