// SPDX-License-Identifier: Apache-2.0
// The message of an Error.
#pragma once
#include <string>

#include "tinysparse/base/error.hpp"

namespace testing {

/// The sentence of the Error that the action throws, "no error" if it throws none.
template <class Action> std::string error_of(Action&& action) {
    try {
        action();
    } catch (const tinysparse::Error& error) {
        return error.what();
    }
    return "no error";
}

} // namespace testing
