// Deployer: people ask for deployments, others approve or reject them. What it does is said in ../README.md.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

type deployer struct {
	api *slack.Client
	// Events come again when Slack missed the acknowledgement: each is for one answer.
	seen sync.Map
}

func main() {
	api := slack.New(
		os.Getenv("SLACK_BOT_TOKEN"),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")),
		slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionRetry(5),
	)
	app := &deployer{api: api}
	handler := socketmode.NewSocketmodeHandler(socketmode.New(api))
	handler.HandleSlashCommand("/deploy", app.deploy)
	handler.HandleInteractionBlockAction("approve", app.approve)
	handler.HandleInteractionBlockAction("reject", app.reject)
	handler.HandleInteractionBlockAction("details", app.details)
	handler.HandleViewSubmission("reason", app.reasonGiven)
	handler.HandleViewSubmission("settings", app.settingsEntered)
	handler.HandleViewSubmission("sure", app.settingsSaved)
	handler.HandleViewClosed("sure", app.settingsLeft)
	handler.HandleEvents(slackevents.AppMention, app.mentioned)
	handler.HandleEvents(slackevents.Message, app.writtenTo)
	// What the library cannot read is no small matter.
	handler.Handle(socketmode.EventTypeErrorBadMessage, func(event *socketmode.Event, _ *socketmode.Client) {
		log.Fatalf("cannot be read: %v", event.Data)
	})
	handler.HandleDefault(func(*socketmode.Event, *socketmode.Client) {})
	log.Fatal(handler.RunEventLoop())
}

func must(err error) {
	if err != nil {
		log.Printf("failed: %v", err)
	}
}

func ack(client *socketmode.Client, event *socketmode.Event, payload ...any) {
	must(client.Ack(*event.Request, payload...))
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

func section(id, text string) *slack.SectionBlock {
	words := slack.NewTextBlockObject(slack.MarkdownType, text, false, false)
	return slack.NewSectionBlock(words, nil, nil, slack.SectionBlockOptionBlockID(id))
}

func options(values ...string) (all []*slack.OptionBlockObject) {
	for _, value := range values {
		all = append(all, slack.NewOptionBlockObject(value, plain(value), nil))
	}
	return all
}

func settingsModal(intro string) slack.ModalViewRequest {
	environments := options("staging", "production")
	environment := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "environment", environments...)
	flags := slack.NewCheckboxGroupsBlockElement("flags", options("dry", "slow")...)
	day := slack.NewInputBlock("day", plain("Day"), nil, slack.NewDatePickerBlockElement("day"))
	day.Optional = true
	return slack.ModalViewRequest{
		Type:       slack.VTModal,
		CallbackID: "settings",
		Title:      plain("Settings"),
		Submit:     plain("Next"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			section("intro", intro),
			slack.NewActionBlock("", slack.NewButtonBlockElement("details", "all", plain("Details"))),
			slack.NewInputBlock("environment", plain("Environment"), nil, environment),
			slack.NewInputBlock("flags", plain("Flags"), nil, flags),
			day,
		}},
	}
}

func (app *deployer) tell(user, text string) {
	im, _, _, err := app.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		must(err)
		return
	}
	_, _, err = app.api.PostMessage(im.ID, slack.MsgOptionText(text, false))
	must(err)
}

func (app *deployer) deploy(event *socketmode.Event, client *socketmode.Client) {
	command := event.Data.(slack.SlashCommand)
	service := command.Text
	if service == "settings" {
		ack(client, event)
		_, err := app.api.OpenView(command.TriggerID, settingsModal("In short"))
		must(err)
		return
	}
	ack(client, event, map[string]string{"text": fmt.Sprintf("Asking for %s.", service)})
	text := fmt.Sprintf("<@%s> wants to deploy %s", command.UserID, service)
	value := service + " " + command.UserID
	approve := slack.NewButtonBlockElement("approve", value, plain("Approve")).WithStyle(slack.StylePrimary)
	reject := slack.NewButtonBlockElement("reject", value, plain("Reject")).WithStyle(slack.StyleDanger)
	_, _, err := app.api.PostMessage(
		command.ChannelID,
		slack.MsgOptionText(text, false),
		slack.MsgOptionBlocks(section("what", text), slack.NewActionBlock("", approve, reject)),
	)
	must(err)
}

func (app *deployer) settle(channel, ts, text string) {
	blocks := slack.MsgOptionBlocks(section("what", text))
	_, _, _, err := app.api.UpdateMessage(channel, ts, slack.MsgOptionText(text, false), blocks)
	must(err)
}

func (app *deployer) reply(channel, thread, text string) {
	_, _, err := app.api.PostMessage(channel, slack.MsgOptionText(text, false), slack.MsgOptionTS(thread))
	must(err)
}

func (app *deployer) approve(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	click := event.Data.(slack.InteractionCallback)
	service, requester, _ := strings.Cut(click.ActionCallback.BlockActions[0].Value, " ")
	channel, ts := click.Channel.ID, click.Message.Timestamp
	app.settle(channel, ts, fmt.Sprintf("%s: approved by <@%s>", service, click.User.ID))
	app.reply(channel, ts, fmt.Sprintf("Deploying %s.", service))
	_, _, err := app.api.PostMessage(
		channel,
		slack.MsgOptionResponseURL(click.ResponseURL, slack.ResponseTypeEphemeral),
		slack.MsgOptionText("Noted.", false),
	)
	must(err)
	app.tell(requester, service+" was approved.")
}

func (app *deployer) reject(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	click := event.Data.(slack.InteractionCallback)
	service, _, _ := strings.Cut(click.ActionCallback.BlockActions[0].Value, " ")
	reason := slack.NewPlainTextInputBlockElement(nil, "reason")
	reason.Multiline = true
	_, err := app.api.OpenView(click.TriggerID, slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      "reason",
		PrivateMetadata: strings.Join([]string{service, click.Channel.ID, click.Message.Timestamp}, " "),
		Title:           plain("Reject"),
		Submit:          plain("Reject"),
		Close:           plain("Back"),
		Blocks:          slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("why", plain("Why?"), nil, reason)}},
	})
	must(err)
}

func (app *deployer) reasonGiven(event *socketmode.Event, client *socketmode.Client) {
	submission := event.Data.(slack.InteractionCallback)
	reason := submission.View.State.Values["why"]["reason"].Value
	if len(reason) < 5 {
		ack(client, event, slack.NewErrorsViewSubmissionResponse(map[string]string{"why": "Say more."}))
		return
	}
	ack(client, event)
	about := strings.Split(submission.View.PrivateMetadata, " ")
	app.settle(about[1], about[2], fmt.Sprintf("%s: rejected by <@%s>, %s", about[0], submission.User.ID, reason))
}

func (app *deployer) details(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	view := event.Data.(slack.InteractionCallback).View
	_, err := app.api.UpdateView(settingsModal("At length"), "", view.Hash, view.ID)
	must(err)
}

func (app *deployer) settingsEntered(event *socketmode.Event, client *socketmode.Client) {
	values := event.Data.(slack.InteractionCallback).View.State.Values
	flags := []string{}
	for _, option := range values["flags"]["flags"].SelectedOptions {
		flags = append(flags, option.Value)
	}
	day := values["day"]["day"].SelectedDate
	if day == "" {
		day = "today"
	}
	environment := values["environment"]["environment"].SelectedOption.Value
	entered := strings.Join([]string{environment, strings.Join(flags, ","), day}, " ")
	ack(client, event, slack.NewPushViewSubmissionResponse(&slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      "sure",
		PrivateMetadata: entered,
		NotifyOnClose:   true,
		Title:           plain("Sure?"),
		Submit:          plain("Save"),
		Blocks:          slack.Blocks{BlockSet: []slack.Block{section("entered", entered)}},
	}))
}

func (app *deployer) settingsSaved(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event, slack.NewClearViewSubmissionResponse())
	submission := event.Data.(slack.InteractionCallback)
	app.tell(submission.User.ID, fmt.Sprintf("Saved: %s.", submission.View.PrivateMetadata))
}

func (app *deployer) settingsLeft(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	app.tell(event.Data.(slack.InteractionCallback).User.ID, "Not saved.")
}

func (app *deployer) channelNames() (names []string) {
	page := slack.GetConversationsParameters{Limit: 2, ExcludeArchived: true}
	for {
		channels, cursor, err := app.api.GetConversations(&page)
		must(err)
		for _, channel := range channels {
			names = append(names, channel.Name)
		}
		if cursor == "" {
			slices.Sort(names)
			return names
		}
		page.Cursor = cursor
	}
}

func refusal(err error) string {
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) {
		return fmt.Sprintf("no refusal: %v", err)
	}
	words := []string{refused.Err, refused.Needed}
	for _, more := range refused.Errors {
		words = append(words, *more.Message)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func (app *deployer) refusals() []string {
	_, _, nowhere := app.api.PostMessage("C0NOWHERE0", slack.MsgOptionText("hello", false))
	_, _, _, join := app.api.JoinConversation("C0OPS00002")
	long := slack.MsgOptionBlocks(section("what", strings.Repeat("x", 3001)))
	_, _, tooLong := app.api.PostMessage("C0OPS00002", slack.MsgOptionText("x", false), long)
	return []string{refusal(nowhere), refusal(join), refusal(tooLong)}
}

func (app *deployer) mentioned(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	outer := event.Data.(slackevents.EventsAPIEvent)
	id := outer.Data.(*slackevents.EventsAPICallbackEvent).EventID
	if _, before := app.seen.LoadOrStore(id, true); before {
		return
	}
	mention := outer.InnerEvent.Data.(*slackevents.AppMentionEvent)
	_, words, _ := strings.Cut(mention.Text, " ")
	switch words {
	case "channels":
		app.reply(mention.Channel, mention.TimeStamp, strings.Join(app.channelNames(), ", "))
	case "trouble":
		app.reply(mention.Channel, mention.TimeStamp, strings.Join(app.refusals(), "\n"))
	case "count":
		for number := range 6 {
			app.reply(mention.Channel, mention.TimeStamp, fmt.Sprint(number+1))
		}
	default:
		app.reply(mention.Channel, mention.TimeStamp, "pong")
	}
}

func (app *deployer) writtenTo(event *socketmode.Event, client *socketmode.Client) {
	ack(client, event)
	message := event.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.MessageEvent)
	if message.ChannelType == "im" && message.BotID == "" {
		_, _, err := app.api.PostMessage(message.Channel, slack.MsgOptionText(fmt.Sprintf("Hello, <@%s>.", message.User), false))
		must(err)
	}
}
