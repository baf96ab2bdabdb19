// SPDX-License-Identifier: GPL-2.0
#include <linux/leds.h>
#include <linux/module.h>

int led_classdev_register(struct device *parent, struct led_classdev *led)
{
	led->dev.parent = parent;
	led->dev.kobj.name = led->name;
	return device_register(&led->dev);
}
EXPORT_SYMBOL_GPL(led_classdev_register);

void led_classdev_unregister(struct led_classdev *led)
{
	led->brightness_set(led, LED_OFF);
	device_unregister(&led->dev);
}
EXPORT_SYMBOL_GPL(led_classdev_unregister);

MODULE_DESCRIPTION("LED Class Interface");
MODULE_LICENSE("GPL");
