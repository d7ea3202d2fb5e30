/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the network's output means: the noise, v = sqrt (a) noise - sqrt (1 - a) x0 (Salimans & Ho
 * 2022), or x0. */
typedef enum
{
  LIMN_PREDICT_EPSILON,
  LIMN_PREDICT_V,
  LIMN_PREDICT_X0,
} LimnPrediction;

/* beta_schedule of a config.yaml. LDM's names mislead: "linear" is linear in the square root of
 * beta
 * ("scaled_linear" elsewhere), "sqrt_linear" is the plain linear one. */
typedef enum
{
  LIMN_BETAS_LINEAR,
  LIMN_BETAS_COSINE,
  LIMN_BETAS_SQRT_LINEAR,
  LIMN_BETAS_SQRT,
} LimnBetas;

/* "linear", "cosine", "sqrt_linear", "sqrt"; FALSE for others. */
gboolean limn_betas_from_string (const char *name, LimnBetas *betas);

/**
 * limn_schedule_alphas_cumprod:
 * @n: number of training timesteps, at least 1
 * @out: n values: product over s <= t of (1 - beta_s)
 *
 * Computed in float64 and stored as float32, as LDM does. Ho et al. 2020, "Denoising Diffusion
 * Probabilistic Models", equation 4.
 */
void limn_schedule_alphas_cumprod (LimnBetas betas,
                                   double linear_start,
                                   double linear_end,
                                   int n,
                                   float *out);

/*
 * Rescales a schedule so that its last level is pure noise: alphas_cumprod[n - 1] becomes exactly
 * 0, the first stays. Only networks that predict v or x0 can be sampled from there. Lin et al.
 * 2023, "Common Diffusion Noise Schedules and Sample Steps Are Flawed", algorithm 1.
 */
void limn_schedule_zero_terminal_snr (float *alphas_cumprod, int n);

/*
 * Which of the n training timesteps a sampler visits, in the order of visiting (falling). @out has
 * room for n values; the number of timesteps is returned. steps is 1 .. n.
 */
typedef enum
{
  LIMN_SPACING_DEFAULT, /* the sampler's own */
  LIMN_SPACING_LEADING, /* i * (n / steps) + 1 */
  LIMN_SPACING_UNIFORM, /* ddim.py: range (0, n, n / steps) + 1: more than asked when steps does not
                           divide n */
  LIMN_SPACING_LINSPACE,     /* DPM++: linspace (0, n - 1, steps + 1) rounded, without 0 */
  LIMN_SPACING_LEADING_PLUS, /* DPM++ with leading: i * (n / (steps + 1)) + 1, i = 1 .. steps */
  LIMN_SPACING_TRAILING,     /* round (n - i * n / steps) - 1 */
  LIMN_SPACING_QUAD,         /* ddim.py: squares of linspace (0, sqrt (0.8 n), steps), + 1 */
  LIMN_SPACING_DISTILLED,    /* LCM, TCD: evenly out of the 50 that few-step models are trained on:
                                j * (n / 50) - 1; out of as many as steps when that is more */
} LimnSpacing;
int limn_schedule_timesteps (LimnSpacing spacing, int n, int steps, int *out);

/* The smallest alphas_cumprod that a noise level is computed of, so that it stays finite in a
 * schedule that ends in pure noise: sigma is 4096 there. */
#define LIMN_SCHEDULE_LEAST_ALPHA 0x1p-24

/* Noise level in the variance-exploding sense, sqrt ((1 - a) / a). */
double limn_schedule_sigma (double alpha_cumprod);
/* The same at a fractional timestep 0 .. n - 1, linear in sigma between timesteps. */
double limn_schedule_sigma_at (const float *alphas_cumprod, int n, double t);
/* @steps levels from @sigma_max down to @sigma_min. Karras et al. 2022, "Elucidating the Design
 * Space of Diffusion-Based Generative Models", equation 5, rho = 7. */
void limn_schedule_karras (double sigma_min, double sigma_max, int steps, double *out);
/* The same, evenly spaced in log (sigma). */
void limn_schedule_exponential (double sigma_min, double sigma_max, int steps, double *out);
/* The fractional timestep whose level is @sigma, linear in log (sigma) between timesteps; clamped
 * to 0 .. n - 1. */
double limn_schedule_sigma_to_t (const float *alphas_cumprod, int n, double sigma);

/* Deviation of the fresh noise in a step from alphas_cumprod @level to @next, which is not noisier:
 * eta = 0 none, eta = 1 as much as DDPM. Song et al. 2021, "Denoising Diffusion Implicit Models",
 * equation 16. */
double limn_schedule_spread (double level, double next, double eta);

G_END_DECLS
