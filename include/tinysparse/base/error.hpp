// SPDX-License-Identifier: Apache-2.0
// The exceptions of the library: bad input, and what the machine refused, each told in one sentence that says where,
// what and what to do.
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

/// Thrown for what the machine refuses: no space, no memory, no right to write, no further file or thread. Nothing is
/// wrong with what was asked for, and the same may succeed another time.
class SystemError : public Error {
  public:
    SystemError(const std::string& sentence, int code) : Error(sentence), code_(code) {}
    int code() const { return code_; } ///< As errno has it.

  private:
    int code_;
};

} // namespace tinysparse
