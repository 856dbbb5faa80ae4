using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.Components;
using Webmail.Web.Settings;
using Webmail.Web.SignIn;

namespace Webmail.Web.Admin;

/// <summary>The users' list: found by a part of name or address, read by pages. ?edit= and ?new= open the editor.</summary>
public sealed partial class Users
{
    private Principal? _actor;
    private List<UserInfo>? _users;
    private string? _next;
    private string? _error;
    private string _typed = "";
    private string? _said;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [CascadingParameter]
    private Preferences Preferences { get; set; } = Preferences.Default;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "edit")]
    private string? Edit { get; set; }

    [SupplyParameterFromQuery(Name = "new")]
    private string? New { get; set; }

    private bool IsNew => New is not null;

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= (await Authentication).User.ToPrincipal();
        if (_users is null || !string.Equals(_typed, Query ?? "", StringComparison.Ordinal))
        {
            _typed = Query ?? "";
            await ReadAsync(after: null);
        }
    }

    private async Task ReadAsync(string? after)
    {
        if (_actor is null)
            return;
        try
        {
            var page = await Admin.ListAsync(_actor, new UserQuery { Search = Query, After = after }, CancellationToken.None);
            _users = after is null ? [.. page.Items] : [.. _users!, .. page.Items];
            _next = page.Next;
            _error = null;
        }
        catch (MailException e)
        {
            _users ??= [];
            _error = AdminErrors.Words(e, T);
        }
    }

    private Task MoreAsync() => ReadAsync(_next);

    private void SearchAsync() => Navigation.NavigateTo(_typed.Trim().Length > 0 ? "/admin/users?q=" + Uri.EscapeDataString(_typed.Trim()) : "/admin/users");

    private string Here(string? edit = null, bool isNew = false)
    {
        var parts = new List<string>();
        if (Query is { Length: > 0 })
            parts.Add("q=" + Uri.EscapeDataString(Query));
        if (edit is not null)
            parts.Add("edit=" + Uri.EscapeDataString(edit));
        if (isNew)
            parts.Add("new=1");
        return parts.Count == 0 ? "/admin/users" : "/admin/users?" + string.Join('&', parts);
    }

    private void Close() => Navigation.NavigateTo(Here());

    private async Task DoneAsync(string said)
    {
        _said = said;
        await ReadAsync(after: null);
        Close();
    }

    private string StorageOf(UserInfo user) => user.QuotaBytes is > 0
        ? T["{0} of {1}", Amount.Of(user.UsedBytes), Amount.Of(user.QuotaBytes.Value)]
        : Amount.Of(user.UsedBytes);

    private string MessagesOf(UserInfo user) => user.MessageLimit is > 0 and { } limit
        ? T["{0} of {1}", user.Messages.ToString("N0", CultureInfo.CurrentCulture), limit.ToString("N0", CultureInfo.CurrentCulture)]
        : user.Messages.ToString("N0", CultureInfo.CurrentCulture);
}
