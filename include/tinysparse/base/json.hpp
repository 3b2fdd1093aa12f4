// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259): a value that code builds and reads with checks, a strict parser and a writer.
#pragma once
#include "tinysparse/base/json_text.hpp"
#include "tinysparse/base/json_value.hpp"
