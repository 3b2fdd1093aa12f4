// SPDX-License-Identifier: Apache-2.0
// A CSV file of fronts as tools/results writes it, small enough to work out by hand.
#pragma once
#include <string>

namespace testing {

/// Two seeds of three variants: full, without a part, and one that ran with seed 1 alone. MNIST's least error.
inline const std::string small_fronts =
    "run,variant,seed,validation_error_share,smallest_error_share,test_score_share,stored_bytes,ram_bytes,network\n"
    "a-full-1,full,1,0.02,0.0001,0.97,400,900,\"C4k3 F10\"\n"
    "a-full-1,full,1,0.01,0.0001,0.985,1000,1100,\"C8k3, F10\"\n"
    "a-full-2,full,2,0.03,0.0001,0.96,500,800,F10\n"
    "a-no-pruning-1,no-pruning,1,0.04,0.0001,0.95,300,700,F10\n"
    "a-no-pruning-2,no-pruning,2,,0.0001,,,,\n" // found nothing
    "a-random-1,random,1,0,0.0005,0.99,2048,600,F10\n";

} // namespace testing
