// SPDX-License-Identifier: Apache-2.0
// All platforms, one for each architecture. A new one needs a file like avr.hpp, its architecture in cost/target.hpp,
// and a row here.
#pragma once
#include <array>

#include "tinysparse/deploy/arm.hpp"
#include "tinysparse/deploy/avr.hpp"
#include "tinysparse/deploy/host.hpp"
#include "tinysparse/deploy/platform.hpp"

namespace tinysparse::deploy {

/// In the order of cost::Architecture.
inline constexpr std::array platforms = {&avr_platform, &arm_platform, &host_platform};

namespace detail {
constexpr bool platforms_are_complete() {
    if (platforms.size() != std::size_t(cost::Architecture::count)) return false;
    for (std::size_t i = 0; i < platforms.size(); ++i)
        if (platforms[i]->architecture != cost::Architecture(i)) return false;
    return true;
}
static_assert(platforms_are_complete(), "every architecture of cost/target.hpp needs its platform, in the same order");
} // namespace detail

/// The platform that builds programs for the board.
inline const Platform& platform(const cost::Target& target) { return *platforms[std::size_t(target.architecture)]; }

} // namespace tinysparse::deploy
