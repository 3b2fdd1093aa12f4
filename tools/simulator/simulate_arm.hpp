// SPDX-License-Identifier: Apache-2.0
// Runs a model's export for a Cortex-M in qemu-system-arm and compares every logit with the host's.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/deploy/device_headers.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::simulator {

struct ArmSimulation {
    std::size_t samples = 0, identical = 0;
    double accuracy = 0;
    std::size_t ram_peak = 0; ///< Variables and the deepest stack of the whole program.
    std::size_t ram = 0;      ///< sizeof(Net) and the stack below main.
    std::size_t flash = 0;
    double instructions = 0; ///< A sample, in begin, push_row and finish. No cycles: qemu has no model of time.
};

/// What keeps these simulations from running here, with the package that brings it; nothing where they can.
std::optional<std::string> arm_missing();

/// Simulates `samples` samples spread evenly over the split, all of it where it has fewer. Throws Error where the
/// program does not compile, fit or end. formats: as those of deploy::write_export.
ArmSimulation simulate_arm(const fixed::Model& model, const data::Split& split, std::size_t samples,
                           const cost::Target& target, const std::vector<deploy::DeviceHeader>& headers,
                           const std::vector<fixed::Format>& formats = {});

} // namespace tinysparse::simulator
