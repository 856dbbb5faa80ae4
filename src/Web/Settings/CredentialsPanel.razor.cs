using System.Globalization;
using Microsoft.AspNetCore.Components;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.Admin;

namespace Webmail.Web.Settings;

/// <summary>The user's own app passwords, tokens and certificates on the settings page. A secret is on the page until it is left or the next one is made.</summary>
public sealed partial class CredentialsPanel
{
    private List<CredentialInfo> _all = [];
    private NewCredential? _appPassword;
    private NewCredential? _token;
    private string _appLabel = "";
    private string _tokenLabel = "";
    private AccessScopes _scopes = AccessScopes.Mail;
    private int _days = 90;
    private string? _error;

    [Parameter, EditorRequired]
    public Principal User { get; set; } = default!;

    [CascadingParameter]
    private Preferences Preferences { get; set; } = Preferences.Default;

    private static AccessScopes[] Scopes => [AccessScopes.Imap, AccessScopes.Pop3, AccessScopes.Smtp, AccessScopes.Api];

    private string Address => User.Address.ToString();

    protected override Task OnInitializedAsync() => TryAsync(LoadAsync);

    private string NameOf(AccessScopes scope) => scope switch
    {
        AccessScopes.Imap => "IMAP",
        AccessScopes.Pop3 => "POP3",
        AccessScopes.Smtp => T["SMTP (sending)"],
        _ => T["REST API"],
    };

    private string Local(DateTimeOffset time) => Preferences.ToLocal(time).ToString("d", CultureInfo.CurrentCulture);

    private async Task LoadAsync() => _all = [.. await Admin.ListAsync(User, Address, CancellationToken.None)];

    private Task AddAppPasswordAsync() => TryAsync(async () =>
    {
        _appPassword = await Admin.AddAppPasswordAsync(User, Address, _appLabel, CancellationToken.None);
        _appLabel = "";
        await LoadAsync();
    });

    private Task AddTokenAsync() => TryAsync(async () =>
    {
        _token = await Admin.AddTokenAsync(User, Address, _tokenLabel, _scopes, _days == 0 ? null : TimeSpan.FromDays(_days), CancellationToken.None);
        _tokenLabel = "";
        await LoadAsync();
    });

    private Task RemoveAsync(CredentialInfo one) => TryAsync(async () =>
    {
        await Admin.RemoveAsync(User, Address, one.Kind, one.Id, CancellationToken.None);
        _appPassword = _appPassword?.Info.Id == one.Id ? null : _appPassword;
        _token = _token?.Info.Id == one.Id ? null : _token;
        await LoadAsync();
    });

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            _error = null;
            await work();
        }
        catch (MailException e)
        {
            _error = AdminErrors.Words(e, T);
        }
    }
}
