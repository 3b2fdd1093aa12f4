// SPDX-License-Identifier: Apache-2.0
// Finds the channels of a series that are the three axes of one sensor.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/base/channel.hpp"

namespace tinysparse::data {

/// Channels of one sensor: x, y, z.
using SensorAxes = std::array<std::size_t, 3>;

/// Sensors among `count` channels. Channels whose names differ in one letter only, an x, y or z, are one sensor, such
/// as acc_x, acc_y and acc_z, wherever they stand. If no names show this (there may be none), every three channels in
/// their order are one; one or two remaining channels are not a sensor.
inline std::vector<SensorAxes> sensor_axes(const std::vector<Channel>& channels, int count) {
    std::vector<SensorAxes> sensors;
    const auto find = [&](const std::string& name) {
        std::size_t i = 0;
        while (i < channels.size() && channels[i].name != name) ++i;
        return i;
    };
    for (std::size_t x = 0; x < channels.size(); ++x)
        for (std::size_t at = channels[x].name.size(); at-- > 0;) {
            std::string name = channels[x].name;
            const char letter = name[at];
            if (letter != 'x' && letter != 'X') continue;
            name[at] = char(letter + 1);
            const std::size_t y = find(name);
            name[at] = char(letter + 2);
            const std::size_t z = find(name);
            if (y == channels.size() || z == channels.size()) continue;
            sensors.push_back({x, y, z});
            break;
        }
    if (!sensors.empty()) return sensors;
    for (std::size_t first = 0; first + 3 <= std::size_t(count); first += 3)
        sensors.push_back({first, first + 1, first + 2});
    return sensors;
}

} // namespace tinysparse::data
