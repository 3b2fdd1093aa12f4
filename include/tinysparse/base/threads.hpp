// SPDX-License-Identifier: Apache-2.0
// Threads that do one job and end (run_threads), and a fixed team of them for many short parallel loops (Team). A
// training step runs several loops of some tens of microseconds. Starting a thread (about 20 us) or waking a sleeping
// one (5 us, on a virtual machine 50) for each loop would cost more than it gains. So workers of a team look for new
// work for about as long as such a loop lasts before they sleep.
#pragma once
#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse {

/// The number of threads this machine runs at a time, at least 1.
inline std::size_t hardware_threads() { return std::max<std::size_t>(1, std::thread::hardware_concurrency()); }

namespace detail {

inline SystemError cannot_start(std::size_t thread, std::size_t of, const std::system_error& reason) {
    return SystemError(text("cannot start thread ", thread, " of ", of, ": ", reason.code().message(),
                            "; use fewer threads (--jobs, --threads)"),
                       reason.code().value());
}

} // namespace detail

/// Runs body() in `count` threads and returns when all are done; body must not throw. If a thread cannot be started,
/// calls give_up(), which should make the running ones end soon, waits for them and throws SystemError.
template <class Body, class GiveUp> void run_threads(std::size_t count, const Body& body, const GiveUp& give_up) {
    std::vector<std::thread> threads;
    std::exception_ptr failure;
    try {
        threads.reserve(count);
        while (threads.size() < count) threads.emplace_back([&body] { body(); });
    } catch (const std::system_error& reason) {
        failure = std::make_exception_ptr(detail::cannot_start(threads.size() + 1, count, reason));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) give_up();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

/// A team of `size` workers; worker 0 is the calling thread. A team of one has no threads and runs everything in place.
/// A team belongs to one caller at a time, and run() must not be called from inside run() of the same team.
class Team {
  public:
    /// Throws SystemError if one of its threads cannot be started.
    explicit Team(std::size_t size) : failures_(std::max<std::size_t>(1, size)) {
        try {
            for (std::size_t worker = 1; worker < size; ++worker)
                threads_.emplace_back([this, worker] { work(worker); });
        } catch (const std::system_error& reason) {
            const std::size_t thread = threads_.size() + 2; // number 1 is the calling thread
            stop();
            throw detail::cannot_start(thread, size, reason);
        } catch (...) {
            stop();
            throw;
        }
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    ~Team() { stop(); }

    /// Threads that run() uses, the caller's own included.
    std::size_t size() const { return failures_.size(); }

    /// Calls body(item, worker) for every item in 0 .. count-1 and returns when all are done. Worker w takes the items
    /// from count*w/size to count*(w+1)/size in order, so the assignment depends on nothing else. If bodies throw,
    /// their workers skip the rest of their items and the exception of the lowest item is thrown here. Never allocates.
    template <class Body> void run(std::size_t count, Body&& body) {
        if (size() == 1) {
            for (std::size_t item = 0; item < count; ++item) body(item, std::size_t{0});
            return;
        }
        using Plain = std::remove_reference_t<Body>;
        context_ = const_cast<void*>(static_cast<const void*>(std::addressof(body)));
        call_ = [](void* context, std::size_t begin, std::size_t end, std::size_t worker) {
            for (std::size_t item = begin; item < end; ++item) (*static_cast<Plain*>(context))(item, worker);
        };
        count_ = count;
        assert(busy_.load() == 0 && "Team::run inside Team::run");
        busy_.store(std::uint32_t(size() - 1), std::memory_order_relaxed);
        round_.fetch_add(1, std::memory_order_release);
        round_.notify_all();
        do_share(0);
        for (std::uint32_t left; (left = busy_.load(std::memory_order_acquire)) != 0;) await_change(busy_, left);
        for (std::exception_ptr& failure : failures_)
            if (failure) {
                const std::exception_ptr first = failure;
                std::fill(failures_.begin(), failures_.end(), nullptr);
                std::rethrow_exception(first);
            }
    }

  private:
    /// How long a worker looks for work before it sleeps: longer than the caller works alone between two loops of a
    /// step. If workers share processors, looking would keep the others from their work.
    std::chrono::microseconds patience() const { return std::chrono::microseconds(size() <= processors_ ? 20 : 5); }

    static void pause() {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
    void await_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) const {
        const auto end = std::chrono::steady_clock::now() + patience();
        do
            for (int look = 0; look < 32; ++look, pause())
                if (word.load(std::memory_order_acquire) != old) return;
        while (std::chrono::steady_clock::now() < end);
        word.wait(old, std::memory_order_acquire);
    }
    void do_share(std::size_t worker) {
        try {
            call_(context_, count_ * worker / size(), count_ * (worker + 1) / size(), worker);
        } catch (...) {
            failures_[worker] = std::current_exception();
        }
    }
    void work(std::size_t worker) {
        for (std::uint32_t seen = 0;;) {
            std::uint32_t now;
            while ((now = round_.load(std::memory_order_acquire)) == seen) await_change(round_, seen);
            seen = now;
            if (stopping_.load(std::memory_order_relaxed)) return;
            do_share(worker);
            if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
        }
    }
    void stop() {
        stopping_.store(true, std::memory_order_relaxed);
        round_.fetch_add(1, std::memory_order_release);
        round_.notify_all();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

    const std::size_t processors_ = hardware_threads();
    void (*call_)(void*, std::size_t, std::size_t, std::size_t) = nullptr;
    void* context_ = nullptr;
    std::size_t count_ = 0;
    // Each has its own cache line: one is written by the caller, the other by all.
    alignas(64) std::atomic<std::uint32_t> round_{0};
    alignas(64) std::atomic<std::uint32_t> busy_{0};
    alignas(64) std::atomic<bool> stopping_{false};
    std::vector<std::exception_ptr> failures_; // one per worker, so that storing an exception needs no lock
    std::vector<std::thread> threads_;
};

} // namespace tinysparse
