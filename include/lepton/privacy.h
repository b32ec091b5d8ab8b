/* lepton/privacy.h - what training with differential privacy has cost: epsilon, at a delta.
 *
 * A version whose configuration says "privacy" trains by DP-SGD: each example's gradient is clipped to length C, and noise
 * of sigma·C is added to their sum. With probability 1 - delta nobody who sees the weights can tell by more than a factor
 * of e^epsilon whether any one example was there. Epsilon grows with every step, is the less the larger sigma and
 * the smaller a batch is beside the data, and does not depend on C.
 *
 * Orders' Rényi divergences (RDP) add up over steps; at the end they are turned into epsilon, by the best of the
 * orders. So a training in several parts with different settings is accounted for by one array that each adds to.
 *
 * An approximation is in it, which Opacus and TensorFlow Privacy make too: the batches are taken for samples in which
 * each example is with probability batch / examples, by itself. The engine shuffles instead and takes fixed batches.
 *
 * Pure functions: any thread.
 */
#ifndef LEPTON_PRIVACY_H
#define LEPTON_PRIVACY_H

#include "lepton/error.h"

#include <stdint.h>

#define LEPTON_PRIVACY_ORDERS 155
#define LEPTON_PRIVACY_DELTA 1e-5 /* where nothing else is said */

/* RDP of one step at an order above 1: the sampled Gaussian mechanism, at sampling rate 0..1. INFINITY without noise. */
LEPTON_API double lepton_privacy_rdp(double rate, double noise, double order);
/* Add what so many steps cost. Takes a millisecond. */
LEPTON_API void lepton_privacy_spend(double rdp[LEPTON_PRIVACY_ORDERS], double rate, double noise, int64_t steps);
/* As epsilon; 0 where nothing was spent. */
LEPTON_API double lepton_privacy_epsilon(const double rdp[LEPTON_PRIVACY_ORDERS], double delta);
/* The orders, LEPTON_PRIVACY_ORDERS of them. */
LEPTON_API double lepton_privacy_order(int index);

#endif
