// SPDX-License-Identifier: Apache-2.0
// The one exception of the library: bad input, told in one sentence that says where, what and what to do.
#pragma once
#include <stdexcept>
#include <string>

namespace tinysparse {

/// Thrown for everything that comes from outside and cannot be used: files, options, networks, data.
/// A broken promise inside the library is an assert, never an Error.
class Error : public std::runtime_error {
  public:
    explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
};

} // namespace tinysparse
