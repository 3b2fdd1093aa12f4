// SPDX-License-Identifier: Apache-2.0
// The version of the library, stored only here. CMake reads it from this file.
#pragma once

#define TINYSPARSE_VERSION_MAJOR 1
#define TINYSPARSE_VERSION_MINOR 0
#define TINYSPARSE_VERSION_PATCH 0
#define TINYSPARSE_VERSION_STRING "1.0.0"
