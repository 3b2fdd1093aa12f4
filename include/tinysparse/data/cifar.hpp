// SPDX-License-Identifier: Apache-2.0
// The binary version of CIFAR-10 (Krizhevsky 2009): records of 3073 bytes, each a label 0..9 and then the red, the
// green and the blue plane of 32x32 pixels, row by row.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// An empty set of CIFAR-10's shape with its class names.
inline Dataset cifar_dataset() {
    Dataset set;
    set.shape = {3, 32, 32};
    set.class_names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    return set;
}

/// Appends the records of one file to a part.
inline void append_cifar(std::string_view bytes, const std::string& name, Split& part) {
    constexpr std::size_t pixels = 3 * 32 * 32, record = pixels + 1;
    const std::size_t records = bytes.size() / record;
    if (bytes.empty() || bytes.size() % record != 0)
        throw Error(text(name, ": the file has ", bytes.size(),
                         " bytes, expected a multiple of 3073 (label and 3x32x32); ", "record ", records,
                         " is cut at byte ", bytes.size(), ", fetch the file again"));
    part.pixels.reserve(part.pixels.size() + records * pixels);
    for (std::size_t i = 0; i < records; ++i) {
        const std::uint8_t label = std::uint8_t(bytes[i * record]);
        if (label > 9)
            throw Error(text(name, ": byte ", i * record, ": label ", label, " of record ", i,
                             ", expected 0 to 9; this is no CIFAR-10 .bin file"));
        part.labels.push_back(label);
        const std::string_view planes = bytes.substr(i * record + 1, pixels);
        part.pixels.insert(part.pixels.end(), planes.begin(), planes.end());
    }
    part.samples += records;
}

} // namespace tinysparse::data
