// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include <span>

using namespace tinysparse;

struct Host::Own {
    fixed::Lowered lowered;
    fixed::Evaluator evaluator;

    Own(fixed::Network&& network, const std::vector<fixed::Format>& formats)
        : lowered(std::move(network)), evaluator(fixed::encode(lowered, formats)) {}

    template <class Raw> std::vector<std::int32_t> logits(const std::vector<Raw>& raw) {
        const std::span<const std::int32_t> found = evaluator.logits(std::span<const Raw>(raw));
        return {found.begin(), found.end()};
    }
};

Host::Host(fixed::Network network, const std::vector<fixed::Format>& formats)
    : own_(std::make_unique<Own>(std::move(network), formats)) {}

Host::~Host() = default;

std::vector<std::int32_t> Host::logits(const std::vector<std::uint8_t>& picture) { return own_->logits(picture); }

std::vector<std::int32_t> Host::logits(const std::vector<std::int16_t>& series) { return own_->logits(series); }

std::vector<std::uint8_t> host_classes(const fixed::Network& network, const fixed::Samples& samples) {
    return fixed::answers(network, samples).classes;
}

double host_accuracy(const fixed::Network& network, const fixed::Samples& samples) {
    return fixed::accuracy(network, samples);
}
