// SPDX-License-Identifier: Apache-2.0
// A training step allocates nothing: this file replaces the allocation functions of its program by counting ones.
#include "load_data.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>
#include <new>

namespace {
std::atomic<long> allocations{0};

void* counted(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size ? size : 1)) return memory;
    throw std::bad_alloc();
}
void* counted(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const std::size_t step = std::size_t(alignment);
    if (void* memory = std::aligned_alloc(step, (size / step + 1) * step)) return memory;
    throw std::bad_alloc();
}
} // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace tinysparse;

TEST_CASE("a training step allocates nothing, on one thread and on two") {
    const long before = allocations;
    const data::Dataset set = load_data("synthetic:strokes,samples=600,seed=4");
    REQUIRE(allocations > before); // they are counted
    const net::Spec spec = net::parse("A2 C4k3 M2 D3L C8k1 =a C8k3 +a C8k3s2 D3vL F10", {1, 28, 28});
    nn::Network teacher(spec, {});
    for (const std::size_t threads : {1u, 2u})
        for (const nn::OptimiserKind kind : {nn::OptimiserKind::adam, nn::OptimiserKind::sgd}) {
            CAPTURE(threads);
            nn::TrainerOptions options;
            options.epochs = 4; // so that the turn of an epoch is among the steps
            options.optimiser = kind;
            options.augmentation = {
                .shift = 2, .rotate = 5, .scale = 0.1, .shear = 0.1, .brightness = 0.1, .noise = 0.1};
            options.dropout = 0.1;
            options.average_decay = 0.9;
            options.teacher = &teacher;
            Team team(threads);
            nn::Trainer trainer(set, spec, options, team);
            nn::Network network(spec, nn::network_options(options));
            network.initialise(1);
            const auto optimiser = nn::make_optimiser(network, options);
            long first = 0, last = 0;
            std::size_t step = 0;
            trainer.run(network, *optimiser, {.stop = [&] {
                            last = allocations;
                            if (step++ == 1) first = last; // the first step may still fault pages in
                            return false;
                        }});
            CHECK(step > 20);
            CHECK(last == first);
        }
}
