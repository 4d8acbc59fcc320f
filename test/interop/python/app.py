"""Deployer: people ask for deployments, others approve or reject them. What it does is said in ../README.md."""

import os
import threading
from collections import OrderedDict

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

client = WebClient(
    token=os.environ.pop("SLACK_BOT_TOKEN"), base_url=os.environ["SLACK_API_URL"]
)
client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=5))
app = App(client=client)


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text, block_id="what"):
    return {
        "type": "section",
        "block_id": block_id,
        "text": {"type": "mrkdwn", "text": text},
    }


def button(action_id, label, value, **more):
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain(label),
        "value": value,
        **more,
    }


def option(value):
    return {"text": plain(value.title()), "value": value}


def settings_modal(intro):
    def field(block_id, element):
        return {
            "type": "input",
            "block_id": block_id,
            "label": plain(block_id.title()),
            "element": {"action_id": block_id, **element},
        }

    environments = [option("staging"), option("production")]
    flags = [option("dry"), option("slow")]
    return {
        "type": "modal",
        "callback_id": "settings",
        "title": plain("Settings"),
        "submit": plain("Next"),
        "blocks": [
            section(intro, "intro"),
            {"type": "actions", "elements": [button("details", "Details", "all")]},
            field("environment", {"type": "static_select", "options": environments}),
            field("flags", {"type": "checkboxes", "options": flags}),
            {**field("day", {"type": "datepicker"}), "optional": True},
        ],
    }


def tell(user, text):
    im = client.conversations_open(users=user)["channel"]["id"]
    client.chat_postMessage(channel=im, text=text)


@app.command("/deploy")
def deploy(ack, command):
    service = command["text"]
    if service == "settings":
        ack()
        client.views_open(
            trigger_id=command["trigger_id"], view=settings_modal("In short")
        )
        return
    ack(f"Asking for {service}.")
    text = f"<@{command['user_id']}> wants to deploy {service}"
    value = f"{service} {command['user_id']}"
    buttons = [
        button("approve", "Approve", value, style="primary"),
        button("reject", "Reject", value, style="danger"),
    ]
    client.chat_postMessage(
        channel=command["channel_id"],
        text=text,
        blocks=[section(text), {"type": "actions", "elements": buttons}],
    )


def settle(channel, ts, text):
    client.chat_update(channel=channel, ts=ts, text=text, blocks=[section(text)])


@app.action("approve")
def approve(ack, action, body, respond):
    ack()
    service, requester = action["value"].split(" ")
    channel, ts = body["channel"]["id"], body["message"]["ts"]
    settle(channel, ts, f"{service}: approved by <@{body['user']['id']}>")
    client.chat_postMessage(
        channel=channel, thread_ts=ts, text=f"Deploying {service}."
    )
    respond(text="Noted.", response_type="ephemeral", replace_original=False)
    tell(requester, f"{service} was approved.")


@app.action("reject")
def reject(ack, action, body):
    ack()
    service = action["value"].split(" ")[0]
    reason = {
        "type": "input",
        "block_id": "why",
        "label": plain("Why?"),
        "element": {
            "type": "plain_text_input",
            "action_id": "reason",
            "multiline": True,
        },
    }
    client.views_open(
        trigger_id=body["trigger_id"],
        view={
            "type": "modal",
            "callback_id": "reason",
            "private_metadata": f"{service} {body['channel']['id']} {body['message']['ts']}",
            "title": plain("Reject"),
            "submit": plain("Reject"),
            "close": plain("Back"),
            "blocks": [reason],
        },
    )


@app.view("reason")
def reason_given(ack, view, body):
    reason = view["state"]["values"]["why"]["reason"]["value"]
    if len(reason) < 5:
        ack(response_action="errors", errors={"why": "Say more."})
        return
    ack()
    service, channel, ts = view["private_metadata"].split(" ")
    settle(
        channel, ts, f"{service}: rejected by <@{body['user']['id']}>, {reason}"
    )


@app.action("details")
def details(ack, body):
    ack()
    view = body["view"]
    client.views_update(
        view_id=view["id"], hash=view["hash"], view=settings_modal("At length")
    )


@app.view("settings")
def settings_entered(ack, view):
    values = view["state"]["values"]
    environment = values["environment"]["environment"]["selected_option"]["value"]
    flags = [option["value"] for option in values["flags"]["flags"]["selected_options"]]
    day = values["day"]["day"]["selected_date"] or "today"
    entered = f"{environment} {','.join(flags)} {day}"
    sure = {
        "type": "modal",
        "callback_id": "sure",
        "private_metadata": entered,
        "notify_on_close": True,
        "title": plain("Sure?"),
        "submit": plain("Save"),
        "blocks": [section(entered)],
    }
    ack(response_action="push", view=sure)


@app.view("sure")
def settings_saved(ack, view, body):
    ack(response_action="clear")
    tell(body["user"]["id"], f"Saved: {view['private_metadata']}.")


@app.view_closed("sure")
def settings_left(ack, body):
    ack()
    tell(body["user"]["id"], "Not saved.")


class Seen:
    """Events come again when Slack missed the acknowledgement: each is for one answer."""

    def __init__(self, size=1000):
        self.lock, self.size, self.ids = threading.Lock(), size, OrderedDict()

    def first_time(self, event_id):
        with self.lock:
            new = event_id not in self.ids
            self.ids[event_id] = True
            while len(self.ids) > self.size:
                self.ids.popitem(last=False)
            return new


seen = Seen()


def channel_names():
    names, cursor = [], None
    while True:
        page = client.conversations_list(
            limit=2, exclude_archived=True, cursor=cursor
        )
        names += [channel["name"] for channel in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            return sorted(names)


def refusals():
    long = [section("x" * 3001)]
    calls = [
        lambda: client.chat_postMessage(channel="C0NOWHERE0", text="hello"),
        lambda: client.conversations_join(channel="C0OPS00002"),
        lambda: client.chat_postMessage(channel="C0OPS00002", text="x", blocks=long),
    ]
    for call in calls:
        try:
            call()
        except SlackApiError as error:
            answer = error.response
            more = answer.get("needed") or " ".join(answer.get("errors", []))
            yield f"{answer['error']} {more}".strip()


@app.event("app_mention")
def mentioned(body, event, say):
    if not seen.first_time(body["event_id"]):
        return
    words = event["text"].split(" ")[1:]
    thread = event["ts"]
    if words == ["channels"]:
        say(text=", ".join(channel_names()), thread_ts=thread)
    elif words == ["trouble"]:
        say(text="\n".join(refusals()), thread_ts=thread)
    elif words == ["count"]:
        for number in range(1, 7):
            say(text=str(number), thread_ts=thread)
    else:
        say(text="pong", thread_ts=thread)


@app.event("message")
def written_to(event, say):
    if event["channel_type"] == "im" and "bot_id" not in event:
        say(f"Hello, <@{event['user']}>.")


if __name__ == "__main__":
    # A socket that breaks is noticed after five pings; by default there is one in ten seconds.
    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], ping_interval=1).start()
