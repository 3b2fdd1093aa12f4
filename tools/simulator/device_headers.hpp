// SPDX-License-Identifier: Apache-2.0
// The headers of exported folders, carried inside the program: cmake/DeviceHeaders.cmake writes their texts.
#pragma once
#include <vector>

#include "tinysparse/deploy/device_headers.hpp"

namespace tinysparse::tools {
std::vector<deploy::DeviceHeader> device_headers();
}
