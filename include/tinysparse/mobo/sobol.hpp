// SPDX-License-Identifier: Apache-2.0
// Sobol points, scrambled: evenly spread over the unit cube, and random, so that different seeds differ.
// Direction numbers: v_j = m_j / 2^j with m from a recurrence over a primitive polynomial of degree s (Sobol 1967),
//   m_j = 2 a_1 m_(j-1) ^ 4 a_2 m_(j-2) ^ ... ^ 2^s m_(j-s) ^ m_(j-s)
// Polynomials come in ascending order. The first m of 32 dimensions are those of Joe and Kuo 2008 (their table 6);
// those of further dimensions are drawn. Scrambling uses a random lower triangular matrix on the digits and a digital
// shift (Matousek 1998), which keeps every stratification.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::mobo {

namespace detail {

/// True if x^degree + ... + 1, given by its bits, is primitive over GF(2): x has order 2^degree - 1.
inline bool is_primitive(std::uint32_t polynomial, unsigned degree) {
    const std::uint32_t order = (1u << degree) - 1, top = 1u << degree;
    std::uint32_t power = 1;
    for (std::uint32_t i = 1; i <= order; ++i) {
        power <<= 1;
        if (power & top) power ^= polynomial;
        if (power == 1) return i == order;
        if (power == 0) return false;
    }
    return false;
}

/// The first values m_1 .. m_s of dimensions 2 to 32; s is the degree of the dimension's polynomial.
inline constexpr std::array<std::array<std::uint8_t, 7>, 31> joe_kuo = {{
    {1},
    {1, 3},
    {1, 3, 1},
    {1, 1, 1},
    {1, 1, 3, 3},
    {1, 3, 5, 13},
    {1, 1, 5, 5, 17},
    {1, 1, 5, 5, 5},
    {1, 1, 7, 11, 19},
    {1, 1, 5, 1, 1},
    {1, 1, 1, 3, 11},
    {1, 3, 5, 5, 31},
    {1, 3, 3, 9, 7, 49},
    {1, 1, 1, 15, 21, 21},
    {1, 3, 1, 13, 27, 49},
    {1, 1, 1, 15, 7, 5},
    {1, 3, 1, 15, 13, 25},
    {1, 1, 5, 5, 19, 61},
    {1, 3, 7, 11, 23, 15, 103},
    {1, 3, 7, 13, 13, 15, 69},
    {1, 1, 3, 13, 7, 35, 63},
    {1, 3, 5, 9, 1, 25, 53},
    {1, 3, 1, 13, 9, 35, 107},
    {1, 3, 1, 5, 27, 61, 31},
    {1, 1, 5, 11, 19, 41, 61},
    {1, 3, 5, 3, 3, 13, 69},
    {1, 1, 7, 13, 1, 19, 1},
    {1, 3, 7, 5, 13, 19, 59},
    {1, 1, 3, 9, 25, 29, 41},
    {1, 3, 5, 13, 23, 1, 55},
    {1, 3, 7, 3, 13, 59, 17},
}};

} // namespace detail

/// A sequence of scrambled Sobol points in [0, 1)^dimensions; 2^32 points before it repeats.
class Sobol {
  public:
    /// Throws Error unless 1 <= dimensions <= 1000.
    Sobol(std::size_t dimensions, std::uint64_t seed) : directions_(dimensions), state_(dimensions) {
        if (dimensions < 1 || dimensions > 1000)
            throw Error(
                text("Sobol points of ", dimensions, " dimensions were asked for; between 1 and 1000 can be had"));
        Random random(seed, "sobol");
        unsigned degree = 1;
        std::uint32_t polynomial = 1; // the last one used; its lowest and highest coefficients are 1
        for (std::size_t d = 0; d < dimensions; ++d) {
            Digits v;
            if (d == 0) {
                for (unsigned j = 0; j < digits; ++j) v[j] = 1u << (digits - 1 - j);
            } else {
                do {
                    polynomial += 2;
                    if (polynomial >> (degree + 1)) ++degree;
                } while (!detail::is_primitive(polynomial, degree));
                v = directions(polynomial, degree, d - 1, random);
            }
            scramble(v, random);
            directions_[d] = v;
            state_[d] = random(); // the digital shift
        }
    }

    /// The next point.
    std::vector<double> operator()() {
        std::vector<double> point(state_.size());
        const unsigned changed = unsigned(std::countr_one(count_++)); // Gray code order: one direction per point
        for (std::size_t d = 0; d < point.size(); ++d) {
            point[d] = (double(state_[d]) + 0.5) * 0x1p-32;
            if (changed < digits) state_[d] ^= directions_[d][changed];
        }
        return point;
    }

  private:
    static constexpr unsigned digits = 32;
    using Digits = std::array<std::uint32_t, digits>;

    static Digits directions(std::uint32_t polynomial, unsigned degree, std::size_t row, Random& random) {
        Digits m{}, v{};
        for (unsigned j = 0; j < digits; ++j) {
            if (j < degree) {
                m[j] = row < detail::joe_kuo.size() ? detail::joe_kuo[row][j] : random.below(1u << j) * 2 + 1;
            } else {
                m[j] = m[j - degree] ^ (m[j - degree] << degree);
                for (unsigned k = 1; k < degree; ++k)
                    if (polynomial >> (degree - k) & 1) m[j] ^= m[j - k] << k;
            }
            v[j] = m[j] << (digits - 1 - j);
        }
        return v;
    }

    /// Multiplies every direction by one random lower triangular matrix of digits with ones on its diagonal.
    static void scramble(Digits& v, Random& random) {
        Digits rows; // row i makes digit i (from the left) from digits 0..i
        for (unsigned i = 0; i < digits; ++i) {
            const std::uint32_t above = i == 0 ? 0u : random() & ~(~0u >> i);
            rows[i] = above | 0x80000000u >> i;
        }
        for (std::uint32_t& direction : v) {
            std::uint32_t out = 0;
            for (unsigned i = 0; i < digits; ++i) out = out << 1 | (unsigned(std::popcount(rows[i] & direction)) & 1u);
            direction = out;
        }
    }

    std::vector<Digits> directions_;
    std::vector<std::uint32_t> state_;
    std::uint32_t count_ = 0;
};

} // namespace tinysparse::mobo
