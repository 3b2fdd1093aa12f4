// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/sensor_axes.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;

namespace {
std::vector<SensorAxes> of(const std::vector<std::string>& names) {
    std::vector<Channel> channels;
    for (const std::string& name : names) channels.push_back({name, 0, 1});
    return sensor_axes(channels, int(names.size()));
}
} // namespace

TEST_CASE("sensors are told by x, y and z in names, wherever their channels stand") {
    using Sensors = std::vector<SensorAxes>;
    CHECK(of({"acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"}) == Sensors{{0, 1, 2}, {3, 4, 5}});
    CHECK(of({"t", "ax", "gx", "ay", "gy", "az", "gz"}) == Sensors{{1, 3, 5}, {2, 4, 6}});
    CHECK(of({"AccX (g)", "AccY (g)", "AccZ (g)", "light"}) == Sensors{{0, 1, 2}});
    CHECK(of({"max_x", "max_y", "max_z"}) == Sensors{{0, 1, 2}}); // the last x
    CHECK(of({"y", "z", "x"}) == Sensors{{2, 0, 1}});
}

TEST_CASE("channels without such names are taken three by three, and what is left over is no sensor") {
    using Sensors = std::vector<SensorAxes>;
    CHECK(sensor_axes({}, 7) == Sensors{{0, 1, 2}, {3, 4, 5}});
    CHECK(of({"", "", ""}) == Sensors{{0, 1, 2}});
    CHECK(of({"a", "b", "c", "d"}) == Sensors{{0, 1, 2}});
    CHECK(of({"x", "y"}).empty());
    CHECK(sensor_axes({}, 0).empty());
}
