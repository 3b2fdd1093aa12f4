// SPDX-License-Identifier: Apache-2.0
// The exceptions of the library: bad input, and requests that the machine refused. Each message is one sentence that
// says what is wrong, where, and what to do.
#pragma once
#include <stdexcept>
#include <string>

namespace tinysparse {

/// Thrown for anything from outside that cannot be used: files, options, networks, data. A broken promise inside the
/// library is an assert, never an Error.
class Error : public std::runtime_error {
  public:
    /// sentence: what is wrong, where, and what to do.
    explicit Error(const std::string& sentence) : std::runtime_error(sentence) {}
};

/// Thrown if the machine refuses: no space, no memory, no permission to write, no further file or thread. The request
/// itself is valid and may succeed another time.
class SystemError : public Error {
  public:
    /// code: the value of errno.
    SystemError(const std::string& sentence, int code) : Error(sentence), code_(code) {}
    int code() const { return code_; } ///< The value of errno.

  private:
    int code_;
};

} // namespace tinysparse
