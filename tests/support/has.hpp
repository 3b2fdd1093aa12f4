// SPDX-License-Identifier: Apache-2.0
// Whether a text contains another.
#pragma once
#include <string_view>

namespace testing {

/// True if the text contains this part.
inline bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace testing
