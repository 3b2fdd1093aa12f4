// SPDX-License-Identifier: Apache-2.0
// Small groups of sums that are kept in registers, and loops that the compiler unrolls to make that possible.
#ifndef TINYSPARSE_1_0_MCU_SUMS_HPP
#define TINYSPARSE_1_0_MCU_SUMS_HPP
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Runs body.at<begin>() ... body.at<end - 1>(), unrolled: avr-gcc keeps only arrays with constant indices in
/// registers.
template <uint8_t begin, uint8_t end> struct Unrolled {
    template <class Body> static TINYSPARSE_INLINE void run(Body& body) {
        body.template at<begin>();
        Unrolled<uint8_t(begin + 1), end>::run(body);
    }
};
template <uint8_t end> struct Unrolled<end, end> {
    template <class Body> static TINYSPARSE_INLINE void run(Body&) {}
};

/// Sums of neighbouring positions or outputs.
template <class Sum, uint8_t count> struct Sums {
    static constexpr uint8_t size = count;
    Sum value[count];

    /// One step of fill().
    struct Fill {
        Sums& sums;
        Sum start;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = start; }
    };
    /// One step of add().
    template <class Narrow> struct Add {
        Sums& sums;
        const Sums<Narrow, count>& other;
        template <uint8_t i> TINYSPARSE_INLINE void at() { sums.value[i] = Sum(sums.value[i] + Sum(other.value[i])); }
    };
    /// Sets all sums.
    TINYSPARSE_INLINE void fill(Sum start) {
        Fill body = {*this, start};
        Unrolled<0, count>::run(body);
    }
    /// Adds sums of the same positions or outputs.
    template <class Narrow> TINYSPARSE_INLINE void add(const Sums<Narrow, count>& other) {
        Add<Narrow> body = {*this, other};
        Unrolled<0, count>::run(body);
    }
};

/// First value of an output's sum: bias and rounding half.
template <class Sum, class Geometry>
TINYSPARSE_INLINE Sum first_sum(const Geometry& g, typename Geometry::Count output) {
    return Sum(Sum(Sum(g.bias(output)) * Sum(Sum(1) << g.bias_shift)) +
               (g.shift == 0 ? Sum(0) : Sum(Sum(1) << (g.shift - 1))));
}

/// sum += weight * value. The product of two int8 fits 16 bits.
template <class Sum> TINYSPARSE_INLINE void add_product(Sum& sum, int8_t weight, int8_t value) {
    keep_byte(weight);
    keep_byte(value);
    sum = Sum(sum + int16_t(int16_t(weight) * int16_t(value)));
}
/// The same for sums of 16 bits, kept in lower registers.
TINYSPARSE_INLINE void add_product(int16_t& sum, int8_t weight, int8_t value) {
    keep_byte(weight);
    keep_byte(value);
    sum = int16_t(sum + int16_t(int16_t(weight) * int16_t(value)));
    keep_low(sum);
}

/// The same for a weight of `bits` bits. Weights of 2 bits are 1, 0 and -1, for which chips need no multiplication.
template <uint8_t bits, class Sum> TINYSPARSE_INLINE void add_weighted(Sum& sum, int8_t weight, int8_t value) {
    if (bits != 2 || TINYSPARSE_MULTIPLIES)
        add_product(sum, weight, value);
    else if (weight > 0)
        sum = Sum(sum + value);
    else if (weight < 0)
        sum = Sum(sum - value);
}

/// Adds sums in registers to sums in memory.
template <class Narrow, uint8_t count> struct AddTo {
    const Sums<Narrow, count>& sums;
    int32_t* target;
    template <uint8_t i> TINYSPARSE_INLINE void at() { target[i] += sums.value[i]; }
};
/// Stores sums from registers in memory.
template <class Narrow, uint8_t count> struct SetTo {
    const Sums<Narrow, count>& sums;
    int32_t* target;
    template <uint8_t i> TINYSPARSE_INLINE void at() { target[i] = sums.value[i]; }
};
/// First values of the sums of neighbouring outputs.
template <class Geometry, class Sum, uint8_t count> struct FirstSums {
    const Geometry& geometry;
    typename Geometry::Count output; ///< The first of them.
    Sums<Sum, count>& sums;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        sums.value[i] = first_sum<Sum>(geometry, typename Geometry::Count(output + i));
    }
};

/// sums[i] += weight[i] * value for all outputs of a group.
template <class Reader, class Sum, uint8_t count> struct Products {
    Reader& reader;
    Sums<Sum, count>& sums;
    int8_t value;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        add_weighted<Reader::bits>(sums.value[i], reader.next(), value);
    }
};

/// The next `count` weights into registers.
template <class Reader, uint8_t count> struct ReadWeights {
    Reader& reader;
    int8_t (&weights)[count];
    template <uint8_t i> TINYSPARSE_INLINE void at() { weights[i] = reader.next(); }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
