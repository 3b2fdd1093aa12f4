// SPDX-License-Identifier: Apache-2.0
// A channel of sensor data: its name, and how a reading in the unit of the data becomes a raw element of a series,
//   raw = clamp(floor((reading - origin) * scale + 0.5), -32768..32767)       mcu/reading.hpp computes it
#pragma once
#include <string>

namespace tinysparse {

/// Meaning of the raw elements of one channel of a series: reading = origin + raw / scale.
struct Channel {
    std::string name; ///< Column it was read from; empty if the data have no names.
    float origin = 0; ///< Reading whose raw element is 0.
    float scale = 1;  ///< Raw steps per unit, a power of two; 1 / scale is the unit per step.
    bool operator==(const Channel&) const = default;
};

} // namespace tinysparse
