using System.Globalization;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Mime;

/// <summary>A part that is not shown as text.</summary>
/// <param name="Section">Its part number as IMAP counts: "2", "3.1".</param>
/// <param name="Name">Never empty, no path, no control characters; not unique.</param>
/// <param name="Type">In lower case, "image/png"; well-formed.</param>
/// <param name="Size">Of the decoded octets, estimated from the encoded ones.</param>
/// <param name="ContentId">Without angle brackets.</param>
/// <param name="IsInline">The HTML beside it shows it by its Content-ID: not to be listed as an attachment.</param>
public sealed record MessageFile(string Section, string Name, string Type, long Size, string? ContentId, bool IsInline);

/// <summary>One text of a message, in the order in which they are read.</summary>
public sealed record MessageText(bool IsHtml, string Content);

/// <summary>
/// A message as a person reads it: of alternatives the best, texts in order, the rest as files. A message in a message is a file. Nothing in a message
/// makes this throw; texts are cut at <see cref="MaxText"/>.
/// </summary>
public sealed class MessageView
{
    /// <summary>The most octets of one text that are read.</summary>
    public const int MaxText = 1024 * 1024;

    private const int MaxTexts = 50;

    private readonly MessageBody _body;
    private readonly Dictionary<string, MimePart> _sections = new(StringComparer.Ordinal);

    private MessageView(MessageBody body, MimePart root)
    {
        _body = body;
        Number(root);
        Header = new(root);
    }

    /// <summary>What a reply needs of the header.</summary>
    public ReplyFields Header { get; }

    public IReadOnlyList<MessageText> Texts { get; private set; } = [];

    public IReadOnlyList<MessageFile> Files { get; private set; } = [];

    public bool HasHtml => Texts.Any(t => t.IsHtml);

    /// <summary>All texts as plain text, for quoting.</summary>
    public string PlainText => string.Join("\n\n", Texts.Select(t => t.IsHtml ? HtmlToText.Convert(t.Content, MaxText) : t.Content));

    public static async ValueTask<MessageView> ReadAsync(MessageBody body, CancellationToken ct)
    {
        // The scanner is synchronous: a body that must be fetched is read on a worker thread.
        var root = body.TryGetMemory(out _) ? Scan(body) : await Task.Run(() => Scan(body), ct);
        var view = new MessageView(body, root);
        var shown = new List<MimePart>();
        var files = new List<MimePart>();
        Sort(root, shown, files);
        var texts = new List<MessageText>();
        foreach (var part in shown)
            texts.Add(new(part.Type.Is("text", "html"), await view.TextAsync(part, ct)));
        view.Texts = texts;
        var sections = view._sections.ToDictionary(s => s.Value, s => s.Key);
        view.Files = [.. files.Select((part, i) => FileOf(part, sections[part], i + 1, view.HasHtml))];
        return view;
    }

    /// <summary>The decoded octets of a part, to be read forwards once; null when there is no such part, or it is a multipart.</summary>
    public Stream? OpenPart(string section) =>
        _sections.TryGetValue(section, out var part) && part.Kind != MimePartKind.Multipart ? new PartStream(_body, part) : null;

    private static MimePart Scan(MessageBody body)
    {
        using var raw = body.AsStream();
        return MimeScanner.Scan(raw);
    }

    /// <summary>RFC 9051 section 6.4.5: parts of a multipart count from 1; a message that is none has the part 1.</summary>
    private void Number(MimePart root)
    {
        if (root.Kind != MimePartKind.Multipart)
        {
            _sections["1"] = root;
            return;
        }

        var waiting = new Stack<(MimePart Part, string Prefix)>();
        waiting.Push((root, ""));
        while (waiting.TryPop(out var at))
        {
            for (var i = 0; i < at.Part.Children.Count; i++)
            {
                var section = at.Prefix + (i + 1).ToString(CultureInfo.InvariantCulture);
                _sections[section] = at.Part.Children[i];
                if (at.Part.Children[i].Kind == MimePartKind.Multipart)
                    waiting.Push((at.Part.Children[i], section + "."));
            }
        }
    }

    /// <summary>Parts the tree into what is shown and what is a file. The scanner bounds depth and number of parts.</summary>
    private static void Sort(MimePart part, List<MimePart> shown, List<MimePart> files)
    {
        if (part.Kind == MimePartKind.Multipart)
        {
            if (part.Type.Is("multipart", "alternative") && part.Children.Count > 0)
                SortAlternative(part, shown, files);
            else
                part.Children.ForEach(child => Sort(child, shown, files));
        }
        else if (IsShown(part) && shown.Count < MaxTexts)
        {
            shown.Add(part);
        }
        else
        {
            files.Add(part);
        }
    }

    /// <summary>RFC 2046 section 5.1.4: the last that we can show. The texts that it stands for are not shown; files in other branches are kept.</summary>
    private static void SortAlternative(MimePart part, List<MimePart> shown, List<MimePart> files)
    {
        var best = part.Children.LastOrDefault(c => Own(c).Any(x => x.Type.Is("text", "html") && IsShown(x)))
            ?? part.Children.LastOrDefault(c => Own(c).Any(IsShown));
        foreach (var child in part.Children)
        {
            if (child == best || child.Kind == MimePartKind.Multipart && !Own(child).Any(IsShown))
                Sort(child, shown, files);
            else
                files.AddRange(Own(child).Where(x => x.Kind != MimePartKind.Multipart && !IsShown(x)));
        }
    }

    /// <summary>The part and what is below it, but nothing of an enclosed message: that is one file.</summary>
    private static IEnumerable<MimePart> Own(MimePart part) =>
        part.Kind == MimePartKind.Multipart ? part.Children.SelectMany(Own).Prepend(part) : [part];

    private static bool IsShown(MimePart part) =>
        part.Kind == MimePartKind.Leaf && (part.Type.Is("text", "plain") || part.Type.Is("text", "html") || part.Type.Is("text", "enriched"))
        && !Attachments.IsAttachment(part);

    private static MessageFile FileOf(MimePart part, string section, int number, bool hasHtml)
    {
        var id = part[MimeField.ContentId]?.Trim().Trim('<', '>');
        var type = FileNames.TypeOf(part);
        var isInline = hasHtml && !string.IsNullOrEmpty(id) && part.Parent is { } parent && parent.Type.Is("multipart", "related");
        var size = part.Encoding == "base64" ? part.BodyLength * 57 / 78 : part.BodyLength;
        return new(section, FileNames.Of(part, type, number), type, size, string.IsNullOrEmpty(id) ? null : id, isInline);
    }

    private async ValueTask<string> TextAsync(MimePart part, CancellationToken ct)
    {
        using var stream = new PartStream(_body, part);
        var octets = new byte[(int)Math.Min(part.BodyLength + 16, MaxText)];
        var count = await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, ct);
        return Charsets.Decode(octets.AsSpan(0, count), part.Type["charset"], isCut: count == octets.Length);
    }
}

/// <summary>The header fields that a reply or a forward is made from.</summary>
public sealed class ReplyFields
{
    private readonly MimePart _root;

    internal ReplyFields(MimePart root) => _root = root;

    /// <summary>The Message-ID with its brackets, or empty.</summary>
    public string MessageId => _root[MimeField.MessageId]?.Trim() ?? "";

    public string InReplyTo => _root[MimeField.InReplyTo]?.Trim() ?? "";

    /// <summary>This message's own References, those that are well-formed.</summary>
    public IReadOnlyList<string> OwnReferences =>
        [.. (_root[MimeField.References] ?? "").Split([' ', '\t', '\r', '\n', ','], StringSplitOptions.RemoveEmptyEntries).Where(IsId)];

    /// <summary>RFC 5322 section 3.6.4: what an answer's References are: this one's (or else its In-Reply-To) with its Message-ID behind; the newest 20.</summary>
    public IReadOnlyList<string> References
    {
        get
        {
            var ids = OwnReferences.ToList();
            if (ids.Count == 0 && IsId(InReplyTo))
                ids.Add(InReplyTo);
            if (IsId(MessageId))
                ids.Add(MessageId);
            return ids.Count <= 20 ? ids : [ids[0], .. ids[^19..]];
        }
    }

    /// <summary>Of a draft of the web: "reply", "reply-all" or "forward", and the key of the message that it is about.</summary>
    public (string? Kind, string? Of) DraftOrigin =>
        _root[MimeField.DraftOrigin]?.Trim().Split(' ', 2) is [("reply" or "reply-all" or "forward") and var kind, var of] ? (kind, of) : (null, null);

    private static bool IsId(string id) => id.Length is > 2 and < 900 && id[0] == '<' && id[^1] == '>' && !id.Any(c => c is <= ' ' or > '~');
}
