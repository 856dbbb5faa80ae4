namespace Webmail.Web.Mail;

/// <summary>What the compose window sends: every field as typed.</summary>
/// <param name="Key">The draft that this replaces, "F1-4.17"; null: a new one.</param>
/// <param name="Kind">"new", "reply", "reply-all" or "forward": what the message is about <paramref name="Of"/>.</param>
/// <param name="Keep">The files of the earlier draft that stay, by section.</param>
internal sealed record DraftFields(
    string? Key,
    string? Kind,
    string? Of,
    string? From,
    IReadOnlyList<string>? To,
    IReadOnlyList<string>? Cc,
    IReadOnlyList<string>? Bcc,
    string? Subject,
    bool IsPlain,
    string? Html,
    string? Text,
    IReadOnlyList<string>? Keep);

/// <summary>What the compose window shows when it opens.</summary>
internal sealed record DraftStart(
    string? Key,
    string Kind,
    string? Of,
    string From,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> To,
    IReadOnlyList<string> Cc,
    IReadOnlyList<string> Bcc,
    string Subject,
    bool IsPlain,
    string Html,
    string Text,
    IReadOnlyList<DraftFile> Attachments);

internal sealed record DraftFile(string Id, string Name, long Size, string Type, bool IsInline);

/// <summary>After each save: the draft's new key and its files.</summary>
internal sealed record DraftSaved(string Key, IReadOnlyList<DraftFile> Attachments);

/// <param name="Message">For the user, in their language.</param>
internal sealed record DraftProblem(string Message);
