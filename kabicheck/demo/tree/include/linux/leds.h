/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __LINUX_LEDS_H_INCLUDED
#define __LINUX_LEDS_H_INCLUDED

#include <linux/device.h>

enum led_brightness {
	LED_OFF = 0,
	LED_ON = 1,
	LED_FULL = 255,
};

struct led_classdev {
	const char *name;
	enum led_brightness brightness;
	int (*brightness_set)(struct led_classdev *led, enum led_brightness brightness);
	struct device dev;
};

int led_classdev_register(struct device *parent, struct led_classdev *led);
void led_classdev_unregister(struct led_classdev *led);

#endif /* __LINUX_LEDS_H_INCLUDED */
