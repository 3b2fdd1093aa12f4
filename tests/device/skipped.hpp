// SPDX-License-Identifier: Apache-2.0
// Tests that need a simulated chip are skipped where there is none.
#pragma once
#include "simulate.hpp"
#include <doctest/doctest.h>

namespace testing {

/// True if there is no simulated chip of this target here; then it says why.
inline bool is_skipped(const tinysparse::cost::Target& target) {
    const auto reason = tinysparse::simulator::missing(target);
    if (reason) MESSAGE("skipped: " << *reason);
    return reason.has_value();
}

} // namespace testing
