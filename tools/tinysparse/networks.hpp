// SPDX-License-Identifier: Apache-2.0
// Networks that `train --net` knows by name, in the notation of net/notation.hpp. @ stands for the number of classes.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tinysparse::cli {

/// The first four are for pictures of about 28x28 and take 0.5, 1, 1.4 and 2.8 KB with 8 bits per weight. Their linear
/// depthwise layers train with batch normalisation, which takes a quarter of the training time and none on the device.
inline const std::vector<std::pair<std::string, std::string>>& named_networks() {
    static const std::vector<std::pair<std::string, std::string>> networks = {
        {"half-kilobyte", "C4k3 A2 D3LN C6k1 D3LN C6k1 A2 D3LN C8k1 A2 DGL F@"},
        {"kilobyte", "C4k3 A2 D3LN C8k1 D3LN C8k1 A2 D3LN C14k1 D3LN C12k1 A2 DGL F@"},
        {"low-memory", "C4k3s2 D3LN C8k1 A2 D3LN C14k1 D3LN C14k1 D3LN C12k1 A2 DGL C14k1 F@"},
        {"three-kilobytes", "C4k3s2 D3LN C8k1 A2 D3LN C20k1 =a D3LN C20k1 +a =b D3LN C20k1 +b A2 DGL C32k1 F@"},
        {"lenet-5", "C20k5v M2 C50k5v M2 F500 F@"},
        {"lenet-300-100", "F300 F100 F@"}};
    return networks;
}

inline std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const auto& [name, notation] : named_networks()) names.push_back(name);
    return names;
}

} // namespace tinysparse::cli
