/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included in every compilation. fixdep finds "CONFIG_CC_VERSION_TEXT" here, so that another compiler makes all
 * objects anew.
 */
