// SPDX-License-Identifier: Apache-2.0
// The version of the library: the one place that holds it. CMake reads it from here.
#pragma once

#define TINYSPARSE_VERSION_MAJOR 1
#define TINYSPARSE_VERSION_MINOR 0
#define TINYSPARSE_VERSION_PATCH 0
#define TINYSPARSE_VERSION_STRING "1.0.0"
