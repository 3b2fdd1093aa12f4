// SPDX-License-Identifier: Apache-2.0
// Everything that a device needs: C++11 without a library, no heap, no virtual functions. Exported networks include
// this.
#ifndef TINYSPARSE_1_0_MCU_HPP
#define TINYSPARSE_1_0_MCU_HPP
#include "mcu/answer.hpp"
#include "mcu/assembly.hpp"
#include "mcu/camera.hpp"
#include "mcu/column.hpp"
#include "mcu/column_assembly.hpp"
#include "mcu/finish.hpp"
#include "mcu/gather.hpp"
#include "mcu/geometry.hpp"
#include "mcu/input.hpp"
#include "mcu/layer.hpp"
#include "mcu/line.hpp"
#include "mcu/lines.hpp"
#include "mcu/pointwise.hpp"
#include "mcu/port.hpp"
#include "mcu/reading.hpp"
#include "mcu/requantise.hpp"
#include "mcu/sparse.hpp"
#include "mcu/sparse_assembly.hpp"
#include "mcu/straight.hpp"
#include "mcu/sums.hpp"
#include "mcu/taps.hpp"
#include "mcu/tree.hpp"
#include "mcu/weights.hpp"
#include "mcu/wide_assembly.hpp"
#include "mcu/window.hpp"
#endif
