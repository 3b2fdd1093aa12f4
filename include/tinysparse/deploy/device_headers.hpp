// SPDX-License-Identifier: Apache-2.0
// The texts of the headers that exported networks need, so that an exported folder is complete. The command line tool
// contains them; a program that uses the library reads them from the folder of the library's own headers.
#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "tinysparse/base/files.hpp"

namespace tinysparse::deploy {

/// A header of the library that an export carries.
struct DeviceHeader {
    std::string path; ///< As in an #include: tinysparse/mcu.hpp, tinysparse/mcu/window.hpp ...
    std::string text;
};

/// Reads them from an include folder, such as /usr/local/include. Throws Error if they are not there.
inline std::vector<DeviceHeader> device_headers_from(const std::string& include_folder) {
    std::vector<std::string> paths = {"tinysparse/mcu.hpp"};
    std::error_code failure;
    const auto folder = std::filesystem::path(include_folder) / "tinysparse" / "mcu";
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure))
        if (entry.path().extension() == ".hpp") paths.push_back("tinysparse/mcu/" + entry.path().filename().string());
    if (failure || paths.size() < 2)
        throw Error(text(include_folder,
                         ": the headers in tinysparse/mcu are not there; give the folder that the library is"
                         " included from"));
    std::sort(paths.begin(), paths.end());
    std::vector<DeviceHeader> headers;
    for (const std::string& path : paths)
        headers.push_back({path, read_file((std::filesystem::path(include_folder) / path).string(), 1 << 20)});
    return headers;
}

} // namespace tinysparse::deploy
